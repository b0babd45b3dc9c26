// Where the two programs answer otherwise, and by which sentence of docs/from-go.md.
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { decodeIfValid } from "../../src/http/percent_encoding.ts";
import { apart, MOST_APART } from "../compare/patches.ts";
import { CACHE_DIFFERENCES } from "./cache_differences.ts";
import type { Origin } from "./origin.ts";
import { CANONICAL, KEY, ODD } from "./random_requests.ts";
import { lifeOf } from "./visits.ts";
import type { Asked } from "./wire.ts";

/** What is compared of an answer. */
export interface Facts {
  status: number;
  type: string;
  /** Format, size and whether it moves, where it is a picture. */
  picture?: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  /** The first words of the body. */
  said: string;
  /** What the origin was asked for it. */
  origin: string;
}

export interface Compared {
  setup: string;
  asked: Asked;
  /** The request before it for the same picture. */
  before?: Compared | undefined;
  go: Facts;
  ours: Facts;
}

/** The field of a program's last answer that had it, of this one and those before it for the same picture. */
export function latest(
  name: string,
  { in: compared, whose }: { in: Compared | undefined; whose: "go" | "ours" },
): string | undefined {
  return compared &&
    (compared[whose].headers.get(name) ?? latest(name, { in: compared.before, whose }));
}

const HEADERS = [
  ...["cache-control", "last-modified", "expires", "etag", "link", "access-control-allow-origin"],
  ...["content-security-policy", "x-content-type-options", "x-xss-protection", "x-other"],
  ...["content-disposition", "set-cookie", "content-length"],
] as const;

/** A header's name, or one of the facts. */
export type Aspect = "status" | "type" | "picture" | "look" | "origin" | typeof HEADERS[number];

export interface NamedDifference {
  /** As docs/from-go.md says it. */
  name: string;
  aspects: readonly Aspect[];
  explains(compared: Compared, origin: Origin): boolean;
}

/** The words of the options, where there are any. */
function words({ asked }: Compared): string[] {
  return decodeIfValid(asked.target.split("/")[1] ?? "").split(",");
}

function has(compared: Compared, pattern: RegExp): boolean {
  return words(compared).some((word) => pattern.test(word));
}

export const NAMED: readonly NamedDifference[] = [
  ...CACHE_DIFFERENCES,
  // Options
  {
    name: "An option that cannot be read is answered 400",
    aspects: ["status", "origin"],
    explains: ({ setup, ours }) => {
      const refused = /^Cannot parse option "(.*?)(?<!\\)": /.exec(ours.said)?.[1];
      const isOdd = refused !== undefined && (REFUSED.includes(refused) || /^s/.test(refused));
      return ours.status === 400 &&
        (isOdd || (refused !== undefined && WITHOUT_OPTIONS.includes(setup)));
    },
  },
  {
    name: "it undoes an earlier one of its kind",
    aspects: ["picture", "look"],
    explains: (compared) =>
      words(compared).some((word) => ODD.includes(word) && /^(?:r|q|c[xywh]|.*x)/.test(word)),
  },
  {
    name: "Numbers are read as a whole or refused",
    aspects: ["status", "picture", "look", "type"],
    explains: (compared) => words(compared).some((word) => BENT.test(word) && ODD.includes(word)),
  },
  {
    name: "Options may be percent-encoded",
    aspects: ["picture"],
    explains: ({ asked }) => /^\/[^/]*%[^/]*\//.test(asked.target),
  },
  {
    name: "takes for a scheme",
    aspects: ["status", "origin"],
    explains: ({ asked, go }) => go.status === 400 && /^\/[a-z]+:/.test(asked.target),
  },
  // Shapes
  {
    name: "A crop that lies outside of the picture",
    aspects: ["status"],
    explains: (compared) =>
      compared.ours.said.startsWith("The crop rectangle lies outside") && has(compared, /^c[xy]/),
  },
  {
    name: "A crop is not enlarged beyond its pixels",
    aspects: ["picture"],
    explains: (compared) =>
      has(compared, /^c[xywh]-?[.\d]/) && compared.setup !== "enlarging" && isSmaller(compared),
  },
  {
    name: "a share below one pixel is one pixel",
    aspects: ["picture", "type"],
    explains: (compared) =>
      has(compared, /0?\.\d/) && /\b1x|x1\b/.test(compared.ours.picture ?? ""),
  },
  {
    name: "With `fit` the side that follows from the ratio is rounded",
    aspects: ["picture"],
    explains: (compared) => has(compared, /^fit$/) && isNear(compared),
  },
  {
    name: "`fit` with one side means that side alone",
    aspects: ["picture", "type"],
    explains: (compared) => has(compared, /^fit$/) && has(compared, /^(?:0?x.+|[^x]+x0?)$/),
  },
  {
    name: "With `-scaleUp`, `fit` enlarges",
    aspects: ["picture"],
    explains: (compared) => compared.setup === "enlarging" && has(compared, /^fit$/),
  },
  {
    name: "finds regions of its own",
    aspects: ["look", "picture"],
    explains: (compared) => has(compared, /^sc$/),
  },
  // Formats
  {
    name: "WebP, AVIF and other pictures keep their format",
    aspects: ["type", "picture", "status"],
    explains: ({ asked, ours }) =>
      (asked.target.includes(".webp") &&
        (ours.picture?.startsWith("webp") || ours.said.includes("content type"))) ||
      (/\.(?:jxl|bmp)/.test(asked.target) && /^(?:jpeg|png|tiff) /.test(ours.picture ?? "")),
  },
  {
    name: "which the Go program refuses with 403",
    aspects: ["status"],
    explains: (compared) =>
      compared.go.status === 403 && compared.ours.status === 200 &&
      (has(compared, /^tiff$/)
        ? compared.ours.picture!.startsWith("tiff ")
        : /\.tiff/.test(compared.asked.target) &&
          /^(?:jpeg|png|tiff) /.test(compared.ours.picture!)),
  },
  {
    name: "An SVG is drawn only where the URL names a format",
    aspects: ["status"],
    explains: (compared) =>
      compared.asked.target.includes(".svg") && compared.go.status === 403 &&
      compared.ours.status === 200 &&
      words(compared).some((word) => compared.ours.picture?.startsWith(`${word} `)),
  },
  {
    name: "what is transparent becomes white in a JPEG",
    aspects: ["look"],
    explains: ({ asked, ours }) =>
      asked.target.includes("clear.png") && ours.picture!.startsWith("jpeg"),
  },
  {
    name: "the type is told by the bytes",
    aspects: ["status", "type"],
    explains: ({ setup, asked, go, ours }) =>
      (asked.target.includes("/t/") || setup === "no content types") &&
      (go.status === ours.status
        ? isTypedByBytes(ours)
        : go.status === 403 && ours.picture !== undefined ||
          ours.said === "The content type of the requested URL is not allowed"),
  },
  {
    name: "bytes that are no picture 422",
    aspects: ["status", "origin"],
    explains: ({ asked, ours }) =>
      /broken|empty/.test(asked.target) && [403, 422].includes(ours.status),
  },
  // URLs
  {
    name: "what no host can be are answered 400",
    aspects: ["status", "origin"],
    explains: ({ asked, ours }) =>
      ours.status === 400 && /:secret@|:99999|%3A99999|http:$|Http:|HTTP:/.test(asked.target),
  },
  {
    name: "`Http:/host` and `http%3A//host` are repaired as well",
    aspects: ["status", "origin"],
    explains: ({ asked, go }) =>
      go.status >= 400 && go.origin === "" && /Http:\/|http%3A\/\//.test(asked.target),
  },
  {
    name: "goes to the origin as it was sent",
    aspects: ["origin", "status", "picture"],
    explains: ({ asked, go, ours }) =>
      go.origin !== ours.origin &&
      (isSameTarget(go.origin, ours.origin) || /%zz|%\/|#/i.test(written(asked))),
  },
  {
    name: "such as `<` no longer as encoded",
    aspects: ["origin"],
    explains: ({ asked }) => /%3A%2F%2F[^?]*["<>\\^`{|}]/i.test(asked.target),
  },
  {
    name: "Animations are trimmed as a whole",
    aspects: ["picture", "look"],
    explains: (compared) =>
      has(compared, /^trim$/) && (compared.go.picture ?? "").includes("moving"),
  },
  {
    name: "`If-None-Match` may be a list",
    aspects: ["status"],
    explains: ({ asked: { headers = {} }, go, ours, before }) =>
      [go.status, ours.status].sort().join() === "200,304" &&
      ("If-None-Match" in headers
        ? isKnown(headers["If-None-Match"]!, { ours, before }) === (ours.status === 304)
        : ours.status === 200 && !ours.headers.has("last-modified")),
  },
  {
    name: "An empty remote URL with a query",
    aspects: ["origin", "status"],
    explains: ({ setup, asked }) => setup === "a base URL" && /^\/[^/]*\/\?/.test(asked.target),
  },
  // Signatures and hosts
  {
    name: "a signature over the URL as it was written",
    aspects: ["status", "origin"],
    explains: ({ setup, asked, go, ours }) =>
      setup === "signatures" && go.status === 403 && ours.status === 200 &&
      isSignedAsWritten(asked),
  },
  {
    name: "case is ignored",
    aspects: ["status", "origin"],
    explains: ({ asked }) => /LOCALHOST|localhost\./.test(asked.target),
  },
  {
    name: "no longer matches `evilb.example`",
    aspects: ["status", "origin"],
    explains: ({ asked, go, ours }) =>
      asked.headers?.["Referer"] === "http://evilpages.example/" && go.status !== 403 &&
      ours.status === 403,
  },
  // Origins
  {
    name: "An expired URL (`vu`) is answered 410",
    aspects: ["status"],
    explains: (compared) => compared.ours.status === 410 && has(compared, /^vu/),
  },
  {
    name: "an origin that fails 502 or 504 and not 500",
    aspects: ["status"],
    explains: ({ go, ours }) => [502, 504].includes(ours.status) && go.status >= 400,
  },
  {
    name: "410 of an origin is a 404 here",
    aspects: ["status"],
    explains: ({ ours }) => ours.status === 404 && ours.said === "The origin answered 410",
  },
  {
    name: "An origin's failure is remembered",
    aspects: ["origin"],
    explains: ({ ours }) => ours.origin === "" && [403, 404, 410, 422, 502].includes(ours.status),
  },
  {
    name: "followed without a `Referer`",
    aspects: ["origin"],
    explains: ({ go, ours }) => go.origin.replaceAll(REDIRECTING_REFERER, "") === ours.origin,
  },
  {
    name: "is answered 502 instead of being handed on",
    aspects: ["status"],
    explains: ({ setup, ours }) =>
      setup === "redirects that are not followed" && ours.status === 502,
  },
  // Header fields
  {
    name: "for no longer than each of the redirects",
    aspects: ["cache-control", "expires"],
    explains: ({ asked }) => asked.target.includes("/r/") || lifeOf(asked)?.status === "301",
  },
  {
    name: "may be kept for an hour",
    aspects: ["cache-control"],
    explains: ({ go, ours }) =>
      !go.headers.has("cache-control") && ours.headers.get("cache-control") === "max-age=3600",
  },
  {
    name: "`Cache-Control` is passed on as the origin wrote it",
    aspects: ["cache-control"],
    explains: ({ setup, asked }) =>
      asked.target.includes("/h/private/") ||
      (setup === "a longer life" && asked.target.includes("/h/weak/")),
  },
  {
    name: "header fields of this program's own",
    aspects: [
      "content-disposition",
      "content-security-policy",
      "x-xss-protection",
      "x-content-type-options",
      "access-control-allow-origin",
    ],
    explains: ({ go, ours }) => {
      const { headers } = ours;
      const disposition = headers.get("content-disposition");
      return headers.get("content-security-policy")!.startsWith("default-src 'none'") &&
        headers.get("x-content-type-options") === "nosniff" && !headers.has("x-xss-protection") &&
        headers.get("access-control-allow-origin") === "*" &&
        (go.headers.get("content-disposition") ?? disposition) === disposition &&
        (disposition === null ||
          /^inline; filename="|^attachment; filename="theirs/.test(disposition));
    },
  },
  {
    name: "a 304 of it no `Last-Modified`",
    aspects: ["last-modified"],
    explains: ({ ours }) => ours.status === 304 && ours.headers.has("etag"),
  },
  {
    name: "A changed picture has an `ETag` of its own",
    aspects: ["etag"],
    explains: ({ go, ours }) =>
      ours.headers.has("etag") && (ours.status === 304 || !Buffer.from(go.body).equals(ours.body)),
  },
];

/** What is refused of the odd options, as it is quoted. */
const REFUSED = ODD.map(decodeIfValid);

/** Started without options in most of its URLs, of which what stands first is then none. */
const WITHOUT_OPTIONS = ["a base URL", "URLs"];

/** Whether the media type is what the bytes are; that of bytes that are no picture says so. */
function isTypedByBytes({ picture, type }: Facts): boolean {
  if (picture === undefined) return type === "application/octet-stream" || type === "";
  return type === `image/${picture.split(" ")[0]!.replace("svg", "svg+xml")}`;
}

/** Whether an If-None-Match names what this program's answer bears, compared weakly (RFC 9110 section 13.1.2). */
function isKnown(condition: string, { ours, before }: Pick<Compared, "ours" | "before">): boolean {
  const given = condition === "{etag}"
    ? latest("etag", { in: before, whose: "ours" }) ?? ""
    : condition;
  const own = ours.headers.get("etag")?.replace(/^W\//, "");
  return given.trim() === "*" ||
    given.split(",").some((tag) => own !== undefined && tag.trim().replace(/^W\//, "") === own);
}

/**
 * Whether the signature of a URL is the HMAC of the remote URL as it was written or as it is decoded, alone or
 * with the options as they were written or in the Go program's order.
 */
function isSignedAsWritten({ target }: Asked): boolean {
  const [, first = "", form = ""] = /^\/([^/]*)\/(.*)$/s.exec(target) ?? [];
  const tokens = first.split(",");
  const given = tokens.find((word) => /^s[\w-]{43}=?$/.test(word))?.slice(1).replace(/=$/, "");
  const options = tokens.filter((word) => word.replace(/=$/, "") !== `s${given}`).join();
  const text = Buffer.from(form, "latin1").toString();
  const remotes = [
    ...[text, decodeIfValid(text), Buffer.from(text, "base64url").toString()],
  ].flatMap((url) => [url, encodeURI(url), encodeURI(decodeIfValid(url))]);
  const messages = remotes.flatMap((url) => [
    url,
    ...[
      options,
      ...CANONICAL.filter(({ words }) => words === options).map(({ canonical }) => canonical),
    ]
      .map((said) => `${url}#${said}`),
  ]);
  return messages.some((message) =>
    createHmac("sha256", KEY).update(message).digest("base64url") === given
  );
}

/** What Go's HTTP client adds to a request that a redirect of this origin leads to. */
const REDIRECTING_REFERER = / \| referer: http:\/\/[^/|]*\/r\/\S*/g;

/** Numbers of which the Go program makes others, or takes a part. */
const BENT = /^[rq]|^c[xywh]|^vu|\d[ep_]|inf|nan|[-+.\d]/i;

/** Whether the origin was asked for the same but for what Go escapes, decodes, resolves or drops. */
function isSameTarget(go: string, ours: string): boolean {
  const [one, other] = [go, ours].map((text) => {
    const [target = "", ...fields] = text.replaceAll(REDIRECTING_REFERER, "").split(" | ");
    const path = Buffer.from(target, "latin1").toString().replace(/^GET /, "").replace(/\?$/, "")
      .replaceAll("\\", "%5C");
    return [
      URL.parse(path, "http://a.example")?.href.replaceAll(/%[\da-f]{2}/gi, decodeIfValid)
        .replaceAll(/[^\x21-\x7e]|%[\da-f]{2}/gi, "?"),
      ...fields,
    ].join();
  });
  return one === other;
}

/** A target with what was encoded as a whole decoded. */
function written({ target }: Asked): string {
  const remote = target.slice(target.lastIndexOf("/") + 1);
  return `${decodeIfValid(target)} ${Buffer.from(remote, "base64url").toString()}`;
}

function sidesOf({ picture = "" }: Facts): [format: string, width: number, height: number] {
  const [, format = "", width, height] = /^(.*) (\d+)x(\d+)/.exec(picture) ?? [];
  return [format, Number(width), Number(height)];
}

/** Whether this program's picture is smaller than the other, and wider and higher by no more than rounding. */
function isSmaller({ go, ours }: Compared): boolean {
  const [[, width, height], [, ourWidth, ourHeight]] = [sidesOf(go), sidesOf(ours)];
  return ourWidth <= width + 1 && ourHeight <= height + 1 &&
    ourWidth * ourHeight < width * height;
}

/** Whether two pictures of one format differ by one pixel of one side. */
function isNear({ go, ours }: Compared): boolean {
  const [[format, width, height], [ourFormat, ourWidth, ourHeight]] = [sidesOf(go), sidesOf(ours)];
  return format === ourFormat && Math.abs(width - ourWidth) + Math.abs(height - ourHeight) === 1;
}

/** The aspects in which two answers differ, each with the names of what explains it. */
export function differencesOf(
  compared: Compared,
  origin: Origin,
): { aspect: Aspect; names: string[] }[] {
  return aspectsOf(compared).map((aspect) => ({
    aspect,
    names: NAMED.filter(({ aspects, explains }) =>
      aspects.includes(aspect) && explains(compared, origin)
    ).map(({ name }) => name),
  }));
}

function aspectsOf(compared: Compared): Aspect[] {
  const { go, ours } = compared;
  const found: Aspect[] = go.origin === ours.origin ? [] : ["origin"];
  if (go.status !== ours.status) return [...found, "status"];
  if (go.status >= 400) return found; // Both refuse, each in its own words.
  for (const name of HEADERS) {
    if (name === "content-length") continue;
    if (go.headers.get(name) !== ours.headers.get(name)) found.push(name);
  }
  if (go.status !== 200) return found;
  if (go.type.toLowerCase() !== ours.type.toLowerCase()) found.push("type");
  if (go.picture !== ours.picture) return [...found, "picture"];
  if (isSeenWell(compared) && looksOtherwise(compared)) found.push("look");
  return found;
}

/** Whether what a picture shows outweighs half a pixel and what coarse encoding does to it. */
function isSeenWell(compared: Compared): boolean {
  const [, width, height] = / (\d+)x(\d+)/.exec(compared.go.picture ?? "") ?? [];
  // Half a pixel of a region of few pixels is much of what it is enlarged to.
  if (compared.setup === "enlarging" && has(compared, /^c[wh]/)) return false;
  return Number(width) >= 32 && Number(height) >= 32 && !has(compared, /^q[12]?\d$/);
}

function looksOtherwise({ go, ours }: Compared): boolean {
  try {
    return apart(go.body, ours.body) >= MOST_APART;
  } catch {
    return false; // Nobody can read what neither program changed.
  }
}
