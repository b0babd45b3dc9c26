// Random requests that the Go program's users could send, with the flags that both programs are started
// with: the same ones for the same seed.
import { createHmac } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Dice } from "../compare/random_urls.ts";
import { HEADER_SETS, type Origin, TYPES } from "./origin.ts";
import { visited } from "./visits.ts";
import type { Asked } from "./wire.ts";

export interface Setup {
  name: string;
  /** Of the requests without a cache; setups with one come on top of these. */
  share: number;
  /** Of both programs. */
  flags(origin: Origin): readonly string[];
  /** Where both keep what they fetched and made: nowhere unless told. */
  cache?: "memory" | "files";
  /** Of this one alone, beyond what all setups need. */
  ours?: readonly string[];
  /** Several are asked one after the other. */
  request(dice: Dice, origin: Origin): Asked | readonly Asked[];
}

export const KEY = "a-secret-of-both";

export const SETUPS: readonly Setup[] = [
  {
    name: "options",
    share: 0.42,
    flags: () => [],
    ours: ["-ignoreUnknownOptions"],
    request: (dice, origin) => plain(options(dice, { odd: 0.15 }), source(dice, origin)),
  },
  {
    name: "options, refused where they cannot be read",
    share: 0.08,
    flags: () => [],
    request: (dice, origin) => plain(options(dice, { odd: 0.3 }), source(dice, origin)),
  },
  {
    name: "enlarging",
    share: 0.1,
    flags: () => ["-scaleUp"],
    ours: ["-ignoreUnknownOptions"],
    request: (dice, origin) => plain(options(dice, { odd: 0.05 }), source(dice, origin)),
  },
  { name: "URLs", share: 0.12, flags: () => [], request: written },
  {
    name: "a base URL",
    share: 0.06,
    flags: ({ url }) => ["-baseURL", `${url}/p/base/`],
    request: relative,
  },
  {
    name: "signatures",
    share: 0.06,
    flags: () => ["-signatureKey", KEY],
    request: signed,
  },
  {
    name: "hosts and referrers",
    share: 0.04,
    flags: () => [
      ...["-allowHosts", "127.0.0.1,127.0.1.0/24,*.allowed.example,localhost"],
      ...["-denyHosts", "127.0.1.9,*.denied.example,127.0.2.0/24"],
      ...["-referrers", "page.example,*.pages.example"],
    ],
    request: fromHosts,
  },
  {
    name: "content types",
    share: 0.03,
    flags: () => ["-contentTypes", "image/jp*,image/[a-g]*,text/h?ml"],
    request: typed,
  },
  { name: "no content types", share: 0.02, flags: () => ["-contentTypes="], request: typed },
  {
    name: "headers",
    share: 0.04,
    flags: () => [
      ...["-passResponseHeaders", "Content-Disposition,X-Other,etag,Cache-Control"],
      ...["-passRequestHeaders", "X-Passed,accept-language", "-includeReferer"],
      ...["-userAgent", "someone/1.0"],
    ],
    request: withHeaders,
  },
  {
    name: "a longer life",
    share: 0.02,
    flags: () => ["-minCacheDuration", "1h", "-forceCache"],
    request: withHeaders,
  },
  {
    name: "redirects that are not followed",
    share: 0.01,
    flags: () => ["-followRedirects=false"],
    request: (dice, origin) => plain(options(dice, { odd: 0 }), source(dice, origin)),
  },
  ...(["memory", "files"] as const).map((cache): Setup => ({
    name: `a cache in ${cache}`,
    share: 0.1,
    cache,
    flags: () => [],
    request: visited,
  })),
];

function plain(words: string, url: string): Asked {
  return { target: `/${words}/${url}` };
}

/** A URL of the origin: mostly a picture, at times something that is none or lies behind redirects. */
function source({ pick, whole, perhaps }: Dice, { url, pictures }: Origin): string {
  const name = pick(Object.keys(pictures));
  const [rare] = perhaps(0.15, () =>
    pick([
      `/r/${pick([301, 302, 303, 307, 308])}/${pick([1, 2, 3, 9, 10, 11])}/${name}`,
      `/s/${pick([400, 401, 403, 404, 410, 429, 500, 502, 503])}/${name}`,
      `/h/${pick(Object.keys(HEADER_SETS))}/${name}`,
      `/t/${pick(Object.keys(TYPES))}/${name}`,
      `/p/nothing.png`,
    ]));
  return `${url}${rare ?? `/p/${name}`}${perhaps(0.1, () => `?v=${whole(1, 9)}`)[0] ?? ""}`;
}

function options(dice: Dice, { odd }: { odd: number }): string {
  const { pick, whole, perhaps } = dice;
  const side = () =>
    pick(["", "0", `${whole(1, 30)}`, `${whole(20, 120)}`, `${whole(90, 300)}`, share(dice)]);
  const place = () =>
    pick(["0", `${whole(1, 90)}`, `-${whole(1, 90)}`, share(dice), `-${share(dice)}`]);
  const words = [
    ...perhaps(
      0.75,
      () => pick([`${side()}x${side()}`, `${side()}x${side()}`, `${whole(1, 200)}`, share(dice)]),
    ),
    ...perhaps(0.25, () => "fit"),
    ...perhaps(0.12, () => `cx${place()}`),
    ...perhaps(0.12, () => `cy${place()}`),
    ...perhaps(0.14, () => `cw${pick([`${whole(1, 150)}`, share(dice)])}`),
    ...perhaps(0.14, () => `ch${pick([`${whole(1, 150)}`, share(dice)])}`),
    ...perhaps(0.2, () => `r${pick([90, 180, 270])}`),
    ...perhaps(0.12, () => "fv"),
    ...perhaps(0.12, () => "fh"),
    ...perhaps(0.15, () => `q${whole(1, 100)}`),
    ...perhaps(0.3, () => pick(["jpeg", "png", "tiff"])),
    ...perhaps(0.05, () => "sc"),
    ...perhaps(0.08, () => "trim"),
    ...perhaps(0.05, () => "scaleUp"),
    ...perhaps(0.05, () => `vu${pick([1, 1700000000, 4000000000])}`),
    ...perhaps(0.05, () => `s${pick(["abc", "", "c2lnbmF0dXJl"])}`),
    ...perhaps(odd, () => pick(ODD)),
    ...perhaps(odd / 2, () => pick(ODD)),
  ];
  return shuffled(words, dice).join(",");
}

function share({ whole }: Dice): string {
  return `0.${whole(1, 9)}${whole(0, 99_999)}`.slice(0, whole(3, 8));
}

/** Tokens that are malformed, out of range, or read by few. */
export const ODD = [
  ...[
    "r0",
    "r45",
    "r-90",
    "r450",
    "r360",
    "r",
    "rx",
    "r90.5",
    "q0",
    "q101",
    "q999",
    "q-5",
    "q",
    "qq",
  ],
  ...[
    "q7.5",
    "1e2x",
    "100.7x",
    "1.5",
    "-50x",
    "50x-20",
    "+50x",
    "50.x",
    ".5x",
    "x.5",
    "00050x",
    "0x20",
  ],
  ...[
    "x",
    "xx",
    "50x20x9",
    "axb",
    "50xb",
    "ax20",
    "1e400x",
    "infx",
    "nanx",
    "Inf",
    "0x1p5",
    "5_0x",
  ],
  ...["cx", "cy5px", "cw0", "ch-5", "cw1.5", "ch99999", "cx99999", "cy-99999", "cx0cy0cw50", "cw1"],
  ...["vu", "vu0", "vu-1", "vux", "vu1.5", "Fit", "FIT", "fits", "fv1", "fhx", "Png", "jpe", "bmp"],
  ...[
    "unheard",
    "foo:bar",
    "!",
    "%C3%A9",
    "%2C",
    "%20",
    " ",
    "trimx",
    "trim0",
    "scx",
    "scaleup",
    "t",
  ],
];

function shuffled<T>(items: readonly T[], { whole }: Dice): T[] {
  const left = [...items];
  return items.map(() => left.splice(whole(0, left.length - 1), 1)[0]!);
}

/** One picture, in the ways in which its URL can be written. */
function written(dice: Dice, { url, pictures }: Origin): Asked {
  const { pick, perhaps } = dice;
  const words = pick(["x", "", "50x", "30x20,png", "fit,40", "0x0", "%35%30x"]);
  const segment = perhaps(0.6, () => pick(ODD_SEGMENTS));
  const path = ["/p", ...segment, pick(["wide.jpg", "small.png", "nothing.png"])].join("/");
  const host = url.slice("http://".length);
  const query = perhaps(0.4, () => pick(ODD_QUERIES))[0] ?? "";
  const form = pick([
    `${url}${path}${query}`,
    `${url}${path}${query}`,
    `http:/${host}${path}${query}`,
    `http:///${host}${path}${query}`,
    `http:////${host}${path}`,
    `HTTP://${host}${path}`,
    `Http:/${host}${path}`,
    encodeURIComponent(`${url}${path}`) + query,
    encodeURIComponent(`${url}${path}${query}`),
    encodeURIComponent(`http:/${host}${path}`),
    `http%3a%2f%2f${host}${path}`,
    `http%3A//${host}${path}${query}`,
    `http%3A%2F%2F${host}${path}${query}`,
    Buffer.from(`${url}${path}${query}`).toString("base64url"),
    Buffer.from(`${url}${path}`).toString("base64url") + query,
    Buffer.from(`${url}${path}`).toString("base64"),
    Buffer.from(`https:/${host}`).toString("base64url"),
    `ftp://${host}${path}`,
    `//${host}${path}`,
    `http://user:secret@${host}${path}`,
    `http://127.0.0.1:99999${path}`,
    `http://${path}`,
    `http:`,
    `${path}`,
    pick(Object.keys(pictures)),
  ]);
  const target = pick([`/${words}/${form}`, `/${words}/${form}`, `/${form}`, `//${form}`]);
  return { target: Buffer.from(target).toString("latin1") };
}

const ODD_SEGMENTS = [
  ...[
    "a..b",
    "..",
    ".",
    "%2F",
    "%2f",
    "%2E%2E",
    "",
    "caf%C3%A9",
    "café",
    "%E9",
    "\xff",
    '"',
    "|",
    "{}",
  ],
  ...[
    "^",
    "\\",
    "`",
    "<>",
    "+",
    "%20",
    "'",
    ":",
    "@",
    ";a=1",
    "$&",
    "~",
    "!*()",
    "[]",
    "%5B",
    "%41",
  ],
  ...[
    "%zz",
    "%",
    "a#b",
    "%23",
    "%3F",
    "http:",
    "http://b.example",
    "x",
    "%25",
    "%00",
    "%0A",
    "=,=",
  ],
];

const ODD_QUERIES = [
  ...[
    "?",
    "??",
    "?a",
    "?a=b&c=d",
    "?a=%2F",
    "?a=é",
    "?a=%E9",
    "?u=http://b.example/?x",
    "?a#b",
    "?+",
  ],
  ...["?a%20b", '?"', "?{}", "?%zz", "?a?b", "?url=/../x", "?;", "?a=1&a=2"],
];

function relative(dice: Dice, { url }: Origin): Asked {
  const { pick } = dice;
  const words = pick(["x", "50x", "", "30x20,png", "fit,40"]);
  const name = pick(["wide.jpg", "small.png", "nothing.png"]);
  const form = pick([
    name,
    name,
    `a/${name}`,
    `../${name}`,
    `a/../${name}`,
    `./${name}`,
    `/p/${name}`,
    `//${url.slice(7)}/p/${name}`,
    `${url}/p/${name}`,
    `http:/${url.slice(7)}/p/${name}`,
    encodeURIComponent(`${url}/p/${name}`),
    encodeURIComponent(name),
    encodeURIComponent(`a/${name}`),
    `?a=${name}`,
    Buffer.from(name).toString("base64url"),
    Buffer.from(`/p/a/${name}`).toString("base64url"),
    Buffer.from(`${url}/p/${name}`).toString("base64url"),
    `a%2F${name}`,
    `a\\${name}`,
    `a//b/${name}`,
    `a:b/${name}`,
    "",
  ]);
  const query = dice.perhaps(0.3, () => pick(["?", "?a=b", "?a/../b"]))[0] ?? "";
  return {
    target: pick([`/${words}/${form}${query}`, `/${words}/${form}${query}`, `/${form}${query}`]),
  };
}

/** Options as they are written, and in the canonical form of both programs. */
export const CANONICAL = [
  { words: "50x", canonical: "50x0" },
  { words: "", canonical: "0x0" },
  { words: "x", canonical: "0x0" },
  { words: "0.5x0.25,fit", canonical: "0.5x0.25,fit" },
  { words: "png,40,r90,q75", canonical: "40x40,png,q75,r90" },
  { words: "cx-10,cy0.1,cw20,ch20", canonical: "0x0,ch20,cw20,cx-10,cy0.1" },
  { words: "1000000x", canonical: "1e+06x0" },
  { words: "sc,30x30,trim", canonical: "30x30,sc,trim" },
  { words: "vu4000000000,fh,fv", canonical: "0x0,fh,fv,vu4000000000" },
  { words: "30x20,scaleUp", canonical: "30x20,scaleUp" },
];

function signed(dice: Dice, origin: Origin): Asked {
  const { pick } = dice;
  const query = pick(["", "", "?v=1", "?a=b&c", "?"]);
  const segment = dice.perhaps(
    0.5,
    () => pick(["café", "caf%C3%A9", "%20", "|", "\\", "%2F", "a..b", "{}"]),
  );
  const url = [origin.url + "/p", ...segment, pick(["wide.jpg", "small.png"])].join("/") + query;
  const { words, canonical } = pick(CANONICAL);
  const other = pick(CANONICAL).canonical;
  const message = pick([
    url,
    url,
    `${url}#${canonical}`,
    `${url}#${canonical}`,
    `${url}#${other}`,
    `${url}x`,
    encodeURI(url),
  ]);
  const signature = createHmac(
    "sha256",
    pick([KEY, KEY, KEY, "wrong"]),
  )
    .update(message).digest("base64url");
  const given = pick([
    signature,
    signature,
    `${signature}=`,
    signature.slice(0, -1),
    "",
    `${signature}A`,
  ]);
  const form = pick([url, url, encodeURIComponent(url), Buffer.from(url).toString("base64url")]);
  const all = [words, `s${given}`].filter((word) => word !== "" && word !== "s").join(",");
  return { target: Buffer.from(`/${all || "x"}/${form}`).toString("latin1") };
}

function fromHosts(dice: Dice, { url }: Origin): Asked {
  const { pick } = dice;
  const port = new URL(url).port;
  const host = pick([
    ...["127.0.0.1", "127.0.0.1", "127.0.0.1", "localhost", "127.0.1.2", "127.0.1.9", "127.0.2.3"],
    ...[
      "127.0.3.1",
      "a.denied.example",
      "denied.example",
      "a.other.example",
      "LOCALHOST",
      "localhost.",
    ],
  ]);
  const referer = pick([
    ...[
      "http://page.example/a",
      "https://page.example",
      "http://a.pages.example/",
      "http://pages.example/",
    ],
    ...[
      "http://evil.example/",
      "",
      "page.example",
      "http://page.example:81/",
      "http://page.example.evil/",
      "http://evilpages.example/",
    ],
    ...["http://page.example/", "http://page.example/", "http://page.example/"],
  ]);
  return {
    target: `/${pick(["x", "40x"])}/http://${host}:${port}${pick(["/p", "/r/302/1"])}/wide.jpg`,
    headers: referer === "" ? {} : { Referer: referer },
  };
}

function typed(dice: Dice, { url, pictures }: Origin): Asked {
  const { pick } = dice;
  const name = pick(Object.keys(pictures).filter((name) => !/turned/.test(name)));
  const path = pick([`/p/${name}`, `/t/${pick(Object.keys(TYPES))}/${name}`]);
  return { target: `/${pick(["x", "40x", "20,fit"])}/${url}${path}` };
}

type Field = readonly [name: string, value: string];

function withHeaders(dice: Dice, { url }: Origin): Asked {
  const { pick, perhaps } = dice;
  const path = `/h/${pick(Object.keys(HEADER_SETS))}/${pick(["wide.jpg", "small.png"])}`;
  const since = [
    "Mon, 02 Nov 2026 10:00:00 GMT",
    "Mon, 02 Nov 2026 09:00:00 GMT",
    "Tue, 03 Nov 2026 10:00:00 GMT",
    "never",
  ];
  return {
    target: `/${pick(["x", "x", "40x"])}/${url}${path}`,
    headers: Object.fromEntries([
      ...perhaps(
        0.3,
        () => ["If-None-Match", pick(['"one"', 'W/"two"', '"three"', '"two"', '"x", "one"'])],
      ),
      ...perhaps<Field>(0.3, () => ["If-Modified-Since", pick(since)]),
      ...perhaps<Field>(0.5, () => ["X-Passed", "a value"]),
      ...perhaps<Field>(0.3, () => ["Accept-Language", "de"]),
      ...perhaps<Field>(0.3, () => ["Referer", "http://page.example/a"]),
      ...perhaps<Field>(0.3, () => ["Cookie", "secret=1"]),
      ...perhaps<Field>(0.2, () => ["Accept", pick(["image/webp", "image/png"])]),
    ]),
  };
}
