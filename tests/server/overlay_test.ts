import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { createClock, startChangingOrigin } from "../testing/changing_origin.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { silent, startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["bb", "bb"], { scale: 20 });
const RED = picture(["r"], { scale: 20 });
const GREEN = picture(["g"], { scale: 20 });

const encoded = (url: string) => Buffer.from(url).toString("base64url");

/** The pixels of a picture, or the status and the sentence of an error. */
async function seen(proxy: TestProxy, target: string, init?: RequestInit): Promise<string> {
  const response = await proxy.get(target, init);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (response.status !== 200) return `${response.status} ${new TextDecoder().decode(bytes)}`;
  return letters(look(bytes), { scale: 20 }).join("/");
}

async function withLogo(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a logo.png`, RED);
    await use(`${folder}/a logo.png`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an overlay is a picture of the setting, from a file, a URL or a source, or any URL that stands there", async () => {
  await withLogo(async (path) => {
    await using origin = startOrigin({ "/a.png": PICTURE, "/green.png": GREEN });
    const folder = path.replace(/\/[^/]*$/, "");
    await using proxy = await startProxy({
      config: {
        source: [`shop=file:${folder}`],
        overlay: [`logo=@${path}`, `seal=${origin.url}/green.png`, "shop=shop:a logo.png"],
      },
    });
    const rows = [
      ["overlay:logo:nw", "rb/bb"],
      ["overlay:seal:ne", "bg/bb"],
      ["overlay:shop:se", "bb/br"],
      [`overlay:${encoded(`${origin.url}/green.png`)}:sw`, "bb/gb"],
      [`overlay:${encoded("shop:a logo.png")}:sw`, "bb/rb"],
      ["overlay:logo:nw,overlay2:seal:ne,overlay3:logo:sw,overlay4:seal:se", "rg/rg"],
    ];
    for (const [options, expected] of rows) {
      assert.equal(await seen(proxy, `/${options},png/${origin.url}/a.png`), expected, options);
    }
    // What is fetched for one picture is there for the others.
    const asked = origin.requests.map(({ url }) => new URL(url).pathname);
    assert.deepEqual(asked.sort(), ["/a.png", "/green.png"]);
    assert.match(
      await seen(proxy, `/overlay:lgoo/${origin.url}/a.png`),
      /^400 Cannot parse option "overlay:lgoo": there is no overlay of this name, .*; did you mean logo\?/,
    );
    assert.match(
      await seen(proxy, `/overlay:${encoded("ftp://a/b")}/${origin.url}/a.png`),
      /^400 /,
    );
    assert.match(
      await seen(proxy, `/overlay:${encoded("http://u:p@a/b")}/${origin.url}/a.png`),
      /^400 Cannot parse option "overlay:\S+": the remote URL must not hold a user name/,
    );
  });
});

Deno.test("an overlay's URL passes the rules of the picture's own", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE });
  await using other = startOrigin({ "/green.png": GREEN });
  const theirs = other.url.replace("127.0.0.1", "localhost");
  const key = "secret";
  const url = `${origin.url}/a.png`;
  const options = `overlay:${encoded(`${theirs}/green.png`)}:nw,png`;
  const signed = (message: string) =>
    `${options},s${createHmac("sha256", key).update(message).digest("base64url")}`;
  const denied = /^403 The URL of the overlay is not allowed/;
  const rows: [string, object, string, RegExp | string][] = [
    ["open to all", {}, options, "gb/bb"],
    ["no host of theirs", { allowHosts: ["127.0.0.1"] }, options, denied],
    ["their host too", { allowHosts: ["127.0.0.1", "localhost"] }, options, "gb/bb"],
    ["denied", { denyHosts: ["localhost"] }, options, denied],
    ["denied though signed", { denyHosts: ["localhost"] }, signed(`${url}#${options}`), denied],
    ["signed", { allowHosts: ["127.0.0.1"] }, signed(`${url}#${options}`), "gb/bb"],
    ["only the URL signed", { allowHosts: ["127.0.0.1"] }, signed(url), denied],
    ["only the URL signed, no hosts", {}, signed(url), denied],
    [
      "named",
      { allowHosts: ["127.0.0.1"], overlay: [`x=${theirs}/green.png`] },
      "overlay:x:nw,png",
      "gb/bb",
    ],
  ];
  for (const [name, config, asked, expected] of rows) {
    const isKeyed = asked.includes(",s");
    await using proxy = await startProxy({
      config: { workers: 1, ...config },
      ...(isKeyed && { keys: [key] }),
    });
    const actual = await seen(proxy, `/${asked}/${url}`);
    if (typeof expected === "string") assert.equal(actual, expected, name);
    else assert.match(actual, expected, name);
  }
});

Deno.test("an overlay of a private address is refused as a picture would be, unless the operator names it", async () => {
  await using origin = startOrigin({ "/green.png": GREEN });
  await using proxy = await startProxy({
    config: {
      workers: 1,
      allowPrivateNetworks: false,
      overlay: [`seal=${origin.url.replace("127.0.0.1", "localhost")}/green.png`],
      allowHosts: ["sample.invalid", "*.local.example"],
    },
    lookup: () => Promise.resolve(["127.0.0.1"]),
  });
  const page = "http://sample.invalid/badge.png";
  const { port } = new URL(origin.url);
  const answer = await seen(
    proxy,
    `/40x40,overlay:${encoded(`http://a.local.example:${port}/green.png`)},png/${page}`,
  );
  assert.match(answer, /^403 The overlay cannot be had: /);
  assert.equal(origin.requests.length, 0);
  assert.equal((await seen(proxy, `/40x40,overlay:seal:nw,png/${page}`))[0], "g");
});

Deno.test("pictures that the operator names open their private hosts to nothing else", async () => {
  await using origin = startOrigin({ "/green.png": GREEN, "/secret.png": RED });
  const { port } = new URL(origin.url);
  const url = `http://inside.example:${port}/green.png`;
  for (
    const named of [
      { overlay: [`seal=${url}`] },
      { fallbackImage: [url], fallbackStatus: 200 },
    ]
  ) {
    await using proxy = await startProxy({
      config: { workers: 1, allowPrivateNetworks: false, allowHosts: [], ...named },
      lookup: (host) =>
        host.startsWith("inside.")
          ? Promise.resolve(["127.0.0.1"])
          : Promise.reject(new Deno.errors.NotFound()),
    });
    const shown = "overlay" in named
      ? "/40x40,overlay:seal,png/http://sample.invalid/badge.png"
      : `/png/http://missing.example:${port}/nothing.png`;
    const answer = await proxy.get(shown);
    await answer.body?.cancel();
    assert.equal(answer.status, 200, shown);
    const before = origin.requests.length;
    for (
      const elsewhere of [
        url.replace("green", "secret"),
        `${url}?query`,
        `http://inside.example:${port}//green.png`,
      ]
    ) {
      const answer = await proxy.get(`/png/${elsewhere}`);
      assert.equal(answer.status, 403, elsewhere);
      await answer.body?.cancel();
    }
    assert.equal(origin.requests.length, before);
  }
});

Deno.test("what goes wrong with an overlay is the request's error, and says so", async () => {
  await using origin = startOrigin({
    "/a.png": PICTURE,
    "/none.png": PICTURE.slice(0, 60),
    "/text": () => new Response("<p>", { headers: { "content-type": "text/html" } }),
    "/broken": () => new Response("no", { status: 500 }),
    "/large": () => new Response(new Uint8Array(300_000)),
    "/slow": silent,
  });
  await using proxy = await startProxy({
    config: { workers: 1, fetchTimeout: 1500, maxSourceBytes: 100_000 },
  });
  const rows: [string, RegExp][] = [
    ["/missing", /^404 The overlay cannot be had: /],
    ["/broken", /^502 The overlay cannot be had: /],
    ["/large", /^413 The overlay cannot be had: /],
    ["/slow", /^504 The overlay cannot be had: /],
    ["/none.png", /^422 The overlay cannot be shown: /],
    ["/text", /^422 The overlay cannot be shown: /],
  ];
  for (const [path, says] of rows) {
    const options = `overlay:${encoded(origin.url + path)},png`;
    assert.match(await seen(proxy, `/${options}/${origin.url}/a.png`), says, path);
  }
  // The picture itself is none the worse for it.
  assert.equal(await seen(proxy, `/png/${origin.url}/a.png`), "bb/bb");
});

Deno.test("an overlay's change renews the results, and until then they last no longer than it", async () => {
  const clock = createClock();
  await using origin = startChangingOrigin(clock, PICTURE);
  await using logo = startChangingOrigin(clock, RED);
  origin.headers = { "cache-control": "max-age=3600", etag: '"p"' };
  logo.headers = { "cache-control": "max-age=60", etag: '"red"' };
  await using proxy = await startProxy({
    now: clock.now,
    config: { workers: 1, overlay: [`logo=${logo.url}/logo.png`], staleWhileRevalidate: 0 },
  });
  const target = `/overlay:logo:nw,png/${origin.url}/a.png`;
  const first = await proxy.get(target);
  await first.body?.cancel();
  assert.equal(first.headers.get("cache-control"), "max-age=60");
  const tag = first.headers.get("etag")!;
  // Found again, without anybody being asked.
  clock.pass(50);
  assert.equal(await seen(proxy, target), "rb/bb");
  assert.deepEqual([origin.count(), logo.count()], [1, 1]);
  // Past its time the overlay is asked after; while it is the same nothing is made anew.
  clock.pass(20);
  const begun = proxy.poolStats().begun;
  const renewed = await proxy.get(target, { headers: { "if-none-match": tag } });
  assert.equal(renewed.status, 304);
  assert.equal(await seen(proxy, target), "rb/bb");
  assert.deepEqual([origin.count(), logo.count()], [1, 2]);
  assert.equal(proxy.poolStats().begun, begun);
  // And when it is another, the results are others, for those too who have the old ones.
  clock.pass(70);
  logo.body = GREEN;
  logo.headers = { ...logo.headers, etag: '"green"' };
  const changed = await proxy.get(target, { headers: { "if-none-match": tag } });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), tag);
  assert.equal(letters(look(new Uint8Array(await changed.arrayBuffer())), { scale: 20 })[0], "gb");
  assert.equal(origin.count(), 1);
});

Deno.test("an overlay that is purged is fetched anew, and all that shows it is made anew where it has changed", async () => {
  const clock = createClock();
  await using origin = startChangingOrigin(clock, PICTURE);
  await using logo = startChangingOrigin(clock, RED);
  for (const each of [origin, logo]) each.headers = { "cache-control": "max-age=3600" };
  await using proxy = await startProxy({
    now: clock.now,
    config: { workers: 1, purgeToken: "token", overlay: [`logo=${logo.url}/logo.png`] },
  });
  const target = `/overlay:logo:nw,png/${origin.url}/a.png`;
  assert.equal(await seen(proxy, target), "rb/bb");
  logo.body = GREEN;
  assert.equal(await seen(proxy, target), "rb/bb");
  const purged = await proxy.get(`/x/${logo.url}/logo.png`, {
    method: "PURGE",
    headers: { authorization: "Bearer token" },
  });
  assert.equal(purged.status, 200);
  await purged.body?.cancel();
  assert.equal(await seen(proxy, target), "gb/bb");
  assert.deepEqual([origin.count(), logo.count()], [1, 2]);
});

Deno.test("an overlay is led by redirects no further than a picture", async () => {
  await using there = startOrigin({ "/green.png": GREEN });
  const away = `${there.url.replace("127.0.0.1", "localhost")}/green.png`;
  await using origin = startOrigin({ "/a.png": PICTURE, "/led": () => Response.redirect(away) });
  const overlay = [`logo=${origin.url}/led`];
  const config = { workers: 1, allowHosts: ["127.0.0.1"], overlay };
  await using proxy = await startProxy({ config });
  const led = `overlay:${encoded(`${origin.url}/led`)}:nw,png`;
  assert.match(
    await seen(proxy, `/${led}/${origin.url}/a.png`),
    /^403 The overlay cannot be had: /,
  );
  assert.equal(there.requests.length, 0);
  // The operator's own goes where the operator has it lead.
  assert.equal(await seen(proxy, `/overlay:logo:nw,png/${origin.url}/a.png`), "gb/bb");
  // What that brought into the cache is for nobody else.
  assert.match(
    await seen(proxy, `/${led}/${origin.url}/a.png`),
    /^403 The overlay cannot be had: /,
  );
});

Deno.test("a picture with an overlay is no older than the newer of the two", async () => {
  const clock = createClock();
  await using origin = startChangingOrigin(clock, PICTURE);
  await using logo = startChangingOrigin(clock, RED);
  const [old, newer] = [new Date(1e12).toUTCString(), new Date(1.5e12).toUTCString()];
  const rows = [[old, newer, newer], [newer, old, newer], [old, undefined, null]] as const;
  for (const [own, its, expected] of rows) {
    await using proxy = await startProxy({
      now: clock.now,
      config: { workers: 1, overlay: [`logo=${logo.url}/logo.png`] },
    });
    origin.headers = { "last-modified": own };
    logo.headers = its ? { "last-modified": its } : {};
    const response = await proxy.get(`/overlay:logo,png/${origin.url}/a.png`);
    await response.body?.cancel();
    assert.equal(response.headers.get("last-modified"), expected);
  }
});

Deno.test("what may not be stored of an overlay is not stored of what shows it", async () => {
  const clock = createClock();
  await using origin = startChangingOrigin(clock, PICTURE);
  await using logo = startChangingOrigin(clock, RED);
  origin.headers = { "cache-control": "max-age=3600" };
  for (const control of ["no-store", "private, max-age=60"]) {
    logo.headers = { "cache-control": control };
    await using proxy = await startProxy({
      now: clock.now,
      config: { workers: 1, overlay: [`logo=${logo.url}/logo.png`] },
    });
    for (const times of [1, 2]) {
      const response = await proxy.get(`/overlay:logo,png/${origin.url}/a.png`);
      await response.body?.cancel();
      assert.match(response.headers.get("cache-control")!, /no-store|private/);
      assert.equal(proxy.poolStats().begun, times, control);
    }
  }
});

Deno.test("many who ask at once have an overlay fetched once, without what they show to the picture's origin", async () => {
  const shown: [string, string | null][] = [];
  const answer = (bytes: Uint8Array<ArrayBuffer>) => (request: Request) => {
    shown.push([new URL(request.url).pathname, request.headers.get("authorization")]);
    return new Response(bytes);
  };
  await using origin = startOrigin({ "/a.png": answer(PICTURE), "/logo.png": answer(RED) });
  await using proxy = await startProxy({
    config: { workers: 1, passRequestHeaders: ["Authorization"] },
  });
  const options = `overlay:${encoded(`${origin.url}/logo.png`)}:nw,png`;
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      () =>
        seen(proxy, `/${options}/${origin.url}/a.png`, { headers: { authorization: "Bearer me" } }),
    ),
  );
  assert.deepEqual([...new Set(answers)], ["rb/bb"]);
  assert.deepEqual(shown, [["/logo.png", null], ["/a.png", "Bearer me"]]);
});

Deno.test("who may have few pictures made pays for those with overlays as for others", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE, "/logo.png": RED });
  await using proxy = await startProxy({
    config: { workers: 1, rateLimit: 1, overlay: [`logo=${origin.url}/logo.png`] },
  });
  assert.equal(await seen(proxy, `/overlay:logo:nw,png/${origin.url}/a.png`), "rb/bb");
  assert.equal(await seen(proxy, `/overlay:logo:nw,png/${origin.url}/a.png`), "rb/bb");
  assert.match(await seen(proxy, `/overlay:logo:ne,png/${origin.url}/a.png`), /^429 /);
  assert.equal(origin.requests.length, 2);
});

Deno.test("a fallback image is shown without overlays, which may be what failed", async () => {
  await withLogo(async (path) => {
    await using origin = startOrigin({ "/a.png": PICTURE });
    await using proxy = await startProxy({
      config: { workers: 1, fallbackImage: [path], fallbackStatus: 200 },
    });
    const options = `overlay:${encoded(`${origin.url}/missing`)},png`;
    assert.equal(await seen(proxy, `/${options}/${origin.url}/a.png`), "r");
  });
});

Deno.test("sizes that are listed leave overlays to signatures, and presets may hold them", async () => {
  await using origin = startOrigin({ "/a.png": PICTURE, "/logo.png": RED });
  const overlay = [`logo=${origin.url}/logo.png`];
  await using listed = await startProxy({ config: { workers: 1, sizes: ["20x"], overlay } });
  assert.match(
    await seen(listed, `/20x,overlay:logo/${origin.url}/a.png`),
    /^403 This server takes overlay:\S+ only with a signature/,
  );
  await using preset = await startProxy({
    config: { workers: 1, presets: ["branded=overlay:logo:se,png"], presetsOnly: true, overlay },
  });
  assert.equal(await seen(preset, `/preset:branded/${origin.url}/a.png`), "bb/br");
});

Deno.test("the server does not start with overlays that cannot be", async () => {
  const rows: [string[], RegExp][] = [
    [["logo=@/nowhere/a.png"], /-overlay cannot read \/nowhere\/a\.png/],
    [["logo=fotos:a.png"], /-overlay names the source fotos:/],
    [["logo=http://u:p@a/"], /-overlay cannot be http:/],
  ];
  for (const [overlay, says] of rows) {
    await assert.rejects(startProxy({ config: { overlay } }), says);
  }
  await assert.rejects(
    startProxy({ config: { presets: ["plain=200x", "branded=overlay2:logo:se"] } }),
    /-presets cannot have branded: cannot parse option "overlay2:logo": there is no overlay/,
  );
});
