import assert from "node:assert/strict";
import { eventually } from "../testing/eventually.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { startProxiedOrigin } from "../testing/proxied_origin.ts";
import type { TestProxyOptions } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const OTHER = picture(["yb", "gr"], { scale: 20, format: "PNG" });

const setUp = (headers: Record<string, string>, options?: TestProxyOptions) =>
  startProxiedOrigin(PICTURE, headers, options);

Deno.test("the cache fetches and transforms once for a key and lifetime", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" });
  const first = await it.get();
  for (let i = 0; i < 3; i++) assert.deepEqual((await it.get()).body, first.body);
  await it.get("10x");
  await it.get("");
  await it.get("20x", { method: "HEAD" });
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.poolStats().begun, 2);
  it.clock.pass(59);
  await it.get();
  assert.equal(it.origin.count(), 1);
  it.clock.pass(1);
  await it.get();
  await it.get("10x");
  assert.equal(it.origin.count(), 2);
  assert.equal(it.proxy.poolStats().begun, 2, "the same bytes need no transform");
});

Deno.test("the cache tells URLs, options and formats apart, but not signatures and expiry times", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" });
  const until = Math.floor(Date.now() / 1000) + 1000;
  await it.get("20x,r90");
  await it.get(`r90,vu${until},20x`);
  await it.get(`20x,r90,vu${until + 5}`);
  assert.equal(it.proxy.poolStats().begun, 1);
  await it.get("20x,r180");
  await it.get("20x,r90", { path: "/a.png?1" });
  assert.equal(it.proxy.poolStats().begun, 3);
  const types: (string | null)[] = [];
  for (const accept of ["image/webp", "image/avif,image/webp", "image/png", "image/webp,*/*"]) {
    const { headers } = await it.get("20x,auto", { headers: { accept } });
    types.push(headers.get("content-type"));
    assert.match(headers.get("vary")!, /\bAccept$/);
  }
  assert.deepEqual(types, ["image/webp", "image/avif", "image/png", "image/webp"]);
  assert.equal(it.proxy.poolStats().begun, 6);
  assert.equal(it.origin.count(), 2);
});

/** Asks so many times at once: the origin answers when all have come. */
async function askAtOnce(it: Awaited<ReturnType<typeof setUp>>, times: number) {
  const allAreHere = Promise.withResolvers<void>();
  it.origin.delay = () => allAreHere.promise;
  const answers = Array.from({ length: times }, () => it.get());
  await eventually(async () => {
    const page = await (await it.proxy.get("/metrics")).text();
    const [, inFlight] = /^http_requests_in_flight (\d+)$/m.exec(page)!;
    assert.ok(Number(inFlight) >= times, `${inFlight} are here`);
  });
  allAreHere.resolve();
  return await Promise.all(answers);
}

Deno.test("500 requests at once for a new result make one fetch and one transform", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" });
  const answers = await askAtOnce(it, 500);
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.poolStats().begun, 1);
});

Deno.test("500 requests at once for what may not be stored still make one fetch", async () => {
  await using it = await setUp({ "cache-control": "no-store" });
  await askAtOnce(it, 500);
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.poolStats().begun, 1);
  await it.get();
  assert.equal(it.origin.count(), 2);
});

Deno.test("a client that leaves ends the work for nobody else", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" });
  const { promise, resolve } = Promise.withResolvers<void>();
  it.origin.delay = () => promise;
  const leaving = new AbortController();
  const left = it.get("20x", { signal: leaving.signal }).catch((error) => error.name);
  const staying = it.get("20x");
  while (it.origin.count() < 1) await pause();
  leaving.abort();
  assert.equal(await left, "AbortError");
  await pause(50);
  resolve();
  assert.equal((await staying).status, 200);
  assert.equal(it.origin.count(), 1);
});

Deno.test("the last client to leave calls off what only waits", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" }, { config: { workers: 1 } });
  const slow = picture(["rg", "by"], { scale: 1000, format: "PNG" });
  it.origin.body = slow;
  await it.get("", { path: "/slow.png" });
  await it.get("", { path: "/b.png" });
  const busy = it.get("avif", { path: "/slow.png" });
  while (it.proxy.poolStats().running === 0) await pause();
  const leaving = new AbortController();
  const left = it.get("10x", { path: "/b.png", signal: leaving.signal }).catch(({ name }) => name);
  while (it.proxy.poolStats().waiting === 0) await pause();
  leaving.abort();
  assert.equal(await left, "AbortError");
  while (it.proxy.poolStats().waiting > 0) await pause();
  assert.equal((await busy).status, 200);
  assert.equal(it.proxy.poolStats().begun, 1);
});

Deno.test("a 304 of the origin renews original and results without a transform", async () => {
  await using it = await setUp({ "cache-control": "max-age=60", etag: '"1"' });
  const first = await it.get();
  await it.get("10x");
  it.clock.pass(100);
  it.origin.headers = { ...it.origin.headers, "cache-control": "max-age=500" };
  const renewed = await it.get();
  assert.equal(renewed.headers.get("cache-control"), "max-age=500");
  assert.equal(renewed.headers.get("age"), "0");
  assert.equal(renewed.headers.get("etag"), first.headers.get("etag"));
  assert.equal((await it.get("10x")).headers.get("cache-control"), "max-age=500");
  assert.equal(it.origin.count(), 2);
  assert.equal(it.origin.requests[1]!.headers.get("if-none-match"), '"1"');
  assert.equal(it.proxy.poolStats().begun, 2);
  it.clock.pass(499);
  await it.get();
  assert.equal(it.origin.count(), 2);
});

Deno.test("a changed original has its results made anew", async () => {
  await using it = await setUp({ "cache-control": "max-age=60", etag: '"1"' });
  const first = await it.get();
  it.origin.body = OTHER;
  it.origin.headers = { ...it.origin.headers, etag: '"2"' };
  assert.deepEqual((await it.get()).body, first.body);
  it.clock.pass(60);
  const second = await it.get();
  assert.equal(letters(look(second.body), { scale: 10 }).join("/"), "yb/gr");
  assert.notEqual(second.headers.get("etag"), first.headers.get("etag"));
  assert.equal(it.proxy.poolStats().begun, 2);
});

Deno.test("a stale result is served at once while it is refreshed once", async () => {
  await using it = await setUp({
    "cache-control": "max-age=10, stale-while-revalidate=60",
    etag: '"1"',
  });
  await it.get();
  it.origin.body = OTHER;
  it.origin.headers = { ...it.origin.headers, etag: '"2"' };
  const { promise, resolve } = Promise.withResolvers<void>();
  it.origin.delay = () => promise;
  it.clock.pass(30);
  for (let i = 0; i < 5; i++) {
    const stale = await it.get();
    assert.equal(letters(look(stale.body), { scale: 10 }).join("/"), "rg/by");
    assert.equal(stale.headers.get("age"), "30");
  }
  resolve();
  await eventually(async () => {
    assert.equal(letters(look((await it.get()).body), { scale: 10 }).join("/"), "yb/gr");
  });
  assert.equal(it.origin.count(), 2);
  assert.equal(it.proxy.poolStats().begun, 2);
});

Deno.test("stale-while-revalidate and stale-if-error have defaults by setting", async () => {
  await using it = await setUp({ "cache-control": "max-age=10" }, {
    config: { staleWhileRevalidate: 20_000, staleIfError: 100_000 },
  });
  await it.get();
  it.clock.pass(20);
  assert.equal((await it.get()).headers.get("age"), "20");
  await eventually(async () => assert.equal((await it.get()).headers.get("age"), "0"));
  it.origin.status = 503;
  it.clock.pass(60);
  assert.equal((await it.get()).headers.get("age"), "60");
  it.clock.pass(60);
  assert.equal((await it.get()).status, 502);
});

Deno.test("stale-if-error serves while the origin is down, asking it now and then; then the error passes", async () => {
  await using it = await setUp({ "cache-control": "max-age=10, stale-if-error=100", etag: '"1"' });
  const first = await it.get();
  await it.get("");
  it.clock.pass(20);
  it.origin.status = 500;
  for (let i = 0; i < 5; i++) {
    assert.deepEqual((await it.get()).body, first.body);
    assert.deepEqual((await it.get("")).body, PICTURE);
  }
  assert.equal(it.origin.count(), 2, "the failure is remembered");
  await it.origin[Symbol.asyncDispose]();
  it.clock.pass(20);
  assert.deepEqual((await it.get()).body, first.body);
  it.clock.pass(100);
  assert.equal((await it.get()).status, 502);
});

Deno.test("a refusal is no failure: a stale result is not served in place of a 404", async () => {
  await using it = await setUp({ "cache-control": "max-age=10, stale-if-error=100" });
  await it.get();
  it.clock.pass(20);
  it.origin.status = 404;
  assert.equal((await it.get()).status, 404);
});

Deno.test("errors of origins are remembered as briefly as set", async () => {
  await using it = await setUp({}, {
    config: { notFoundCacheDuration: 30_000, errorCacheDuration: 5000 },
  });
  const rows = [[404, 404, 30], [410, 404, 30], [500, 502, 5], [503, 502, 5]] as const;
  for (const [status, answered, seconds] of rows) {
    const path = `/${status}.png`;
    it.origin.status = status;
    for (const options of ["20x", "30x", ""]) {
      assert.equal((await it.get(options, { path })).status, answered);
    }
    it.clock.pass(seconds - 1);
    await it.get("20x", { path });
    assert.equal(it.origin.count(path), 1, path);
    it.origin.status = 200;
    it.clock.pass(1);
    assert.equal((await it.get("20x", { path })).status, 200);
    assert.equal(it.origin.count(path), 2, path);
  }
});

Deno.test("a bad picture is not tried again and again", async () => {
  await using it = await setUp({ "cache-control": "max-age=600" });
  it.origin.body = PICTURE.slice(0, 60);
  for (let i = 0; i < 3; i++) assert.equal((await it.get()).status, 422);
  assert.equal(it.proxy.poolStats().begun, 1);
  assert.equal(it.origin.count(), 1);
});

const UNSTORED: readonly (readonly [string, Record<string, string>, Record<string, string>?])[] = [
  ["no-store", { "cache-control": "no-store" }],
  ["private", { "cache-control": "private, max-age=60" }],
  ["PRIVATE in capitals", { "cache-control": "PRIVATE" }],
  ["Vary: *", { "cache-control": "max-age=60", vary: "*" }],
  ["an Authorization passed on", { "cache-control": "max-age=60" }, { authorization: "Bearer x" }],
  ["a Cookie passed on", { "cache-control": "public, max-age=60" }, { cookie: "a=b" }],
];

for (const [name, headers, sent = {}] of UNSTORED) {
  Deno.test(`the cache does not store what it may not: ${name}`, async () => {
    await using it = await setUp(headers, {
      config: { passRequestHeaders: ["Authorization", "Cookie"] },
    });
    for (const options of ["20x", "20x", "", ""]) await it.get(options, { headers: sent });
    assert.equal(it.origin.count(), 4);
    const { headers: told } = await it.get("20x", { headers: sent });
    const isPersonal = Object.keys(sent).length > 0;
    const expected = isPersonal ? "private, no-store" : headers["cache-control"];
    assert.equal(told.get("cache-control"), expected);
  });
}

Deno.test("forceCache stores private and no-store, and says so to clients", async () => {
  await using it = await setUp({ "cache-control": "private, no-store, max-age=60" }, {
    config: { forceCache: true },
  });
  await it.get();
  assert.equal((await it.get()).headers.get("cache-control"), "max-age=60");
  assert.equal(it.origin.count(), 1);
});

Deno.test("minCacheDuration raises max-age and removes Expires", async () => {
  await using it = await setUp({ "cache-control": "max-age=5" }, {
    config: { minCacheDuration: 60_000 },
  });
  it.origin.headers.expires = new Date(it.clock.now() + 5000).toUTCString();
  const { headers } = await it.get();
  assert.equal(headers.get("cache-control"), "max-age=60");
  assert.equal(headers.get("expires"), null);
  it.clock.pass(59);
  await it.get();
  assert.equal(it.origin.count(), 1);
});

Deno.test("origins that say nothing get the default lifetime, and clients hear of it", async () => {
  await using it = await setUp({}, { config: { defaultCacheDuration: 120_000 } });
  assert.equal((await it.get()).headers.get("cache-control"), "max-age=120");
  it.clock.pass(119);
  assert.equal((await it.get("")).headers.get("age"), "119");
  assert.equal(it.origin.count(), 1);
});

Deno.test("a client's no-cache is not heeded unless a setting says so", async () => {
  for (const clientNoCache of [false, true]) {
    await using it = await setUp({ "cache-control": "max-age=60", etag: '"1"' }, {
      config: { clientNoCache },
    });
    await it.get();
    for (const field of ["cache-control", "pragma"]) {
      await it.get("20x", { headers: { [field]: "no-cache" } });
    }
    await it.get();
    assert.equal(it.origin.count(), clientNoCache ? 3 : 1);
    assert.equal(it.proxy.poolStats().begun, 1);
  }
});

Deno.test("Vary keeps a response for each value of the headers that it names", async () => {
  await using it = await setUp({ "cache-control": "max-age=60", vary: "Accept-Language" }, {
    config: { passRequestHeaders: ["Accept-Language"] },
  });
  const ask = async (language: string, options: string) => {
    it.origin.body = language === "en" ? PICTURE : OTHER;
    const { body, headers } = await it.get(options, { headers: { "accept-language": language } });
    // Deno before 2.9 puts Accept-Encoding before it.
    assert.match(headers.get("vary")!, /\bAccept-Language$/);
    return letters(look(body), { scale: options ? 10 : 20 }).join("/");
  };
  for (let round = 0; round < 3; round++) {
    for (const options of ["20x", ""]) {
      assert.equal(await ask("en", options), "rg/by");
      assert.equal(await ask("fr", options), "yb/gr");
    }
  }
  assert.equal(it.origin.count(), 2);
  assert.equal(it.proxy.poolStats().begun, 2);
  assert.equal(it.origin.requests[0]!.headers.get("accept-language"), "en");
});

Deno.test("a Vary keeps a request without the header from taking the place of one with it", async () => {
  await using it = await setUp({ "cache-control": "max-age=60", vary: "X-Theme" }, {
    config: { passRequestHeaders: ["X-Theme"] },
  });
  for (let round = 0; round < 2; round++) {
    for (const options of ["20x", ""]) {
      for (const headers of [{ "x-theme": "dark" }, {}, { "x-theme": "" }] as HeadersInit[]) {
        await it.get(options, { headers });
      }
    }
  }
  assert.equal(it.origin.count(), 3);
  assert.equal(it.proxy.poolStats().begun, 3);
});

Deno.test("variants that come at the same time do not take each other's place", async () => {
  for (const cache of [["memory"], [`file:${await Deno.makeTempDir()}`]]) {
    await using it = await setUp({ "cache-control": "max-age=60", vary: "X-Theme" }, {
      config: { passRequestHeaders: ["X-Theme"], cache },
    });
    const themes = Array.from(
      { length: 8 },
      (_, index) => ({ headers: { "x-theme": `${index}` } }),
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    it.origin.delay = () => promise;
    const first = Promise.all(themes.map((theme) => it.get("", theme)));
    while (it.origin.count() < themes.length) await pause();
    resolve();
    await first;
    for (const theme of themes) await it.get("", theme);
    assert.equal(it.origin.count(), themes.length, cache[0]);
    const [place] = cache;
    if (place !== "memory") await Deno.remove(place!.slice("file:".length), { recursive: true });
  }
});

Deno.test("results follow what the origin says besides the picture: on a 304, and on the same bytes", async () => {
  for (const etag of ['"1"', undefined]) {
    await using it = await setUp({
      "cache-control": "max-age=60",
      link: "<old>",
      ...(etag && { etag }),
    });
    const told = async () => (await it.get()).headers.get("link");
    assert.equal(await told(), "<old>");
    it.origin.headers = { ...it.origin.headers, link: "<new>" };
    it.clock.pass(60);
    assert.equal(await told(), "<new>");
    assert.equal(await told(), "<new>");
    assert.equal(it.proxy.poolStats().begun, 1);
    if (etag) continue;
    const { link: _link, ...headers } = it.origin.headers;
    it.origin.headers = headers;
    it.clock.pass(60);
    assert.equal(await told(), null, "what is said no more");
    assert.equal(it.proxy.poolStats().begun, 1);
  }
});

Deno.test("what is stale when it comes is passed on as such, and asked after", async () => {
  await using it = await setUp({ "cache-control": "max-age=3600", age: "7200" });
  for (const options of ["20x", ""]) {
    const { headers } = await it.get(options);
    assert.equal(headers.get("cache-control"), "max-age=3600");
    assert.equal(headers.get("age"), "7200");
  }
  assert.equal(it.origin.count(), 2);
});

Deno.test("CDN-Cache-Control is heeded here and passed on", async () => {
  await using it = await setUp({ "cache-control": "no-store", "cdn-cache-control": "max-age=60" });
  for (const options of ["20x", ""]) {
    const { headers } = await it.get(options);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("cdn-cache-control"), "max-age=60");
  }
  it.clock.pass(59);
  await it.get();
  assert.equal(it.origin.count(), 1);
  it.clock.pass(1);
  await it.get();
  assert.equal(it.origin.count(), 2);
});

Deno.test("clients that have the picture are answered 304 from the cache", async () => {
  await using it = await setUp({
    "cache-control": "max-age=60",
    "last-modified": "Tue, 06 Jan 2026 10:00:00 GMT",
    etag: '"1"',
  });
  for (const options of ["20x", ""]) {
    const { headers } = await it.get(options);
    const validators = [
      { "if-none-match": headers.get("etag")! },
      { "if-modified-since": headers.get("last-modified")! },
    ];
    it.clock.pass(5);
    for (const validator of validators) {
      const answer = await it.get(options, { headers: validator });
      assert.equal(answer.status, 304);
      assert.equal(answer.headers.get("cache-control"), "max-age=60");
      assert.equal(answer.body.length, 0);
    }
  }
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.poolStats().begun, 1);
});

Deno.test("Date, Age, Expires and Cache-Control are those of the original", async () => {
  await using it = await setUp({});
  const born = it.clock.now();
  it.origin.headers = {
    "cache-control": "public, max-age=600",
    expires: new Date(born + 600_000).toUTCString(),
    age: "30",
  };
  for (const [passes, age] of [[0, "30"], [100, "130"]] as const) {
    it.clock.pass(passes);
    for (const options of ["20x", ""]) {
      const { headers } = await it.get(options);
      assert.equal(headers.get("age"), age);
      assert.equal(headers.get("cache-control"), "public, max-age=600");
      assert.equal(headers.get("date"), new Date(born).toUTCString());
      assert.equal(headers.get("expires"), new Date(born + 600_000).toUTCString());
    }
  }
});

Deno.test("HEAD and GET share their work", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" });
  const head = await it.get("20x", { method: "HEAD" });
  const { body } = await it.get();
  await it.get("20x", { method: "HEAD" });
  assert.equal(Number(head.headers.get("content-length")), body.length);
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.poolStats().begun, 1);
});

Deno.test("PURGE and DELETE with the token remove an original and all its results", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" }, {
    config: { purgeToken: "let me" },
  });
  const authorization = "Bearer let me";
  for (const method of ["PURGE", "DELETE"]) {
    const before = it.origin.count();
    for (const options of ["20x", "10x", ""]) await it.get(options);
    assert.equal(it.origin.count(), before + 1);
    for (const wrong of ["", "Bearer let", "Basic let me"]) {
      const refused = await it.get("", { method, headers: { authorization: wrong } });
      assert.equal(refused.status, 403);
    }
    const purged = await it.get("99x", { method, headers: { authorization } });
    assert.deepEqual(JSON.parse(purged.text), { removed: 3 });
  }
  await it.get();
  assert.equal(it.origin.count(), 3);
});

Deno.test("one picture is one entry however its URL is spelt, and PURGE finds it by any", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" }, { config: { purgeToken: "t" } });
  const { port } = new URL(it.origin.url);
  const spellings = [
    ...[`http://localhost:${port}/a.png`, `http://LocalHost.:0${port}/%61.png?`],
    ...[`HTTP://localhost:${port}/a.png`, `http%3A%2F%2FLOCALHOST%3A${port}%2Fa.png`],
  ];
  for (const url of spellings) {
    for (const options of ["20x", ""]) {
      const response = await it.proxy.get(`/${options}/${url}`);
      await response.body?.cancel();
      assert.equal(response.status, 200, url);
    }
  }
  assert.equal(it.origin.count(), 1);
  assert.equal(it.proxy.poolStats().begun, 1);
  const purged = await it.proxy.get(`/${spellings[1]}`, {
    method: "PURGE",
    headers: { authorization: "Bearer t" },
  });
  assert.equal((await purged.json()).removed, 2);
});

Deno.test("PURGE forgets errors, and is not allowed where no token is set", async () => {
  await using it = await setUp({}, { config: { purgeToken: "t" } });
  it.origin.status = 404;
  await it.get();
  it.origin.status = 200;
  assert.equal((await it.get()).status, 404);
  await it.get("", { method: "PURGE", headers: { authorization: "Bearer t" } });
  assert.equal((await it.get()).status, 200);
  await using closed = await setUp({});
  const refused = await closed.get("", { method: "PURGE", headers: { authorization: "Bearer " } });
  assert.equal(refused.status, 405);
});

Deno.test("the log says how the cache took part", async () => {
  await using it = await setUp({ "cache-control": "max-age=10, stale-if-error=60", etag: '"1"' });
  const told = async (options: string) => {
    await it.get(options);
    return it.proxy.log.at(-1)?.cache;
  };
  assert.deepEqual(await told("20x"), { result: "miss", original: "miss" });
  assert.deepEqual(await told("20x"), { result: "hit" });
  assert.deepEqual(await told("10x"), { result: "miss", original: "hit" });
  assert.deepEqual(await told(""), { original: "hit" });
  it.clock.pass(10);
  assert.deepEqual(await told("20x"), { result: "revalidated", original: "revalidated" });
  it.clock.pass(10);
  it.origin.status = 500;
  assert.deepEqual(await told(""), { original: "stale" });
  it.origin.status = 200;
  it.clock.pass(10);
  it.origin.headers = { "cache-control": "no-store" };
  assert.deepEqual(await told("20x"), { result: "bypass", original: "bypass" });
});

Deno.test("a server without a cache serves all the same", async () => {
  await using it = await setUp({ "cache-control": "max-age=60" }, { config: { cache: [] } });
  for (let i = 0; i < 2; i++) assert.equal((await it.get()).status, 200);
  assert.equal(it.origin.count(), 2);
});

function pause(milliseconds = 5): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
