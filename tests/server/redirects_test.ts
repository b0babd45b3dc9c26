import assert from "node:assert/strict";
import { createClock } from "../testing/changing_origin.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestProxyOptions } from "../testing/proxy.ts";

await startEngine();
const ONE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const TWO = picture(["yb", "gr"], { scale: 20, format: "PNG" });
const YEAR = { "cache-control": "max-age=31536000" };

/** What an origin says at a path: a redirect, or a picture that is revalidated by its ETag. */
type Said = { to: string; status?: number; headers?: Record<string, string> } | {
  picture: Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
};
type Site = Record<string, Said | ((request: Request) => Said)>;

async function setUp(site: Site, options: TestProxyOptions = {}) {
  const clock = createClock();
  const asked: { path: string; ifNoneMatch: string | null }[] = [];
  const origin = startOrigin({}, (request) => {
    const path = new URL(request.url).pathname;
    const ifNoneMatch = request.headers.get("if-none-match");
    asked.push({ path, ifNoneMatch });
    const found = site[path];
    if (found === undefined) return new Response("none", { status: 404 });
    const said = typeof found === "function" ? found(request) : found;
    const headers: Record<string, string> = {
      date: new Date(clock.now()).toUTCString(),
      ...said.headers,
    };
    if ("to" in said) {
      const location = said.to.replace("HERE", `localhost:${new URL(request.url).port}`);
      return new Response(null, { status: said.status ?? 302, headers: { ...headers, location } });
    }
    const isUnchanged = ifNoneMatch !== null && ifNoneMatch === headers.etag;
    return new Response(isUnchanged ? null : said.picture, {
      status: isUnchanged ? 304 : 200,
      headers,
    });
  });
  const proxy = await startProxy({ ...options, now: clock.now });
  return {
    site,
    clock,
    asked,
    origin,
    proxy,
    paths: () => asked.map(({ path }) => path).join(" "),
    async get(options = "", { headers = {}, path = "/a" } = {}) {
      const response = await proxy.get(`/${options}/${origin.url}${path}`, { headers });
      const body = new Uint8Array(await response.arrayBuffer());
      return {
        status: response.status,
        control: response.headers.get("cache-control"),
        headers: response.headers,
        shown: () => letters(look(body), { scale: 20 }).join("/"),
      };
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
}

// A redirect to a picture that is fresh for a year: for how long both are used, in seconds, and what clients hear.
// deno-fmt-ignore
const LIFETIMES: readonly (readonly [name: string, redirect: { status?: number; headers?: Record<string, string> }, fresh: number, told: string])[] = [
  ["a 302 that says nothing", {}, 0, "max-age=0"],
  ["a 303 that says nothing", { status: 303 }, 0, "max-age=0"],
  ["a 307 that says nothing", { status: 307 }, 0, "max-age=0"],
  ["a 301 that says nothing", { status: 301 }, 3600, "max-age=3600"],
  ["a 308 that says nothing", { status: 308 }, 3600, "max-age=3600"],
  ["a 302 with max-age", { headers: { "cache-control": "max-age=60" } }, 60, "max-age=60"],
  ["a 302 with s-maxage", { headers: { "cache-control": "max-age=9, s-maxage=60" } }, 60, "max-age=60"],
  ["a 302 with CDN-Cache-Control", { headers: { "cache-control": "no-store", "cdn-cache-control": "max-age=60" } }, 60, "max-age=60"],
  ["a 302 of some age", { headers: { "cache-control": "max-age=60", age: "20" } }, 40, "max-age=40"],
  ["a 301 with no-store", { status: 301, headers: { "cache-control": "no-store, max-age=60" } }, 0, "no-store, max-age=60"],
  ["a 301 with private", { status: 301, headers: { "cache-control": "private, max-age=60" } }, 0, "private, max-age=60"],
  ["a 301 with no-cache", { status: 301, headers: { "cache-control": "no-cache, max-age=60" } }, 0, "no-cache, max-age=60"],
  ["a 301 that Vary of * lets nobody reuse", { status: 301, headers: { "cache-control": "max-age=60", vary: "*" } }, 0, "max-age=60"],
  ["a 301 that must be revalidated", { status: 301, headers: { "cache-control": "must-revalidate, max-age=60" } }, 60, "must-revalidate, max-age=60"],
  ["a 301 that is longer fresh than the picture", { status: 301, headers: { "cache-control": "max-age=99999999" } }, 31536000, "max-age=31536000"],
];

for (const [name, redirect, fresh, told] of LIFETIMES) {
  Deno.test(`${name} decides for how long what it leads to is used: ${fresh} s`, async () => {
    await using it = await setUp({
      "/a": { to: "/b", ...redirect },
      "/b": { picture: ONE, headers: YEAR },
    });
    for (const options of ["20x", ""]) assert.equal((await it.get(options)).control, told);
    // Result and original.
    const asked = fresh === 0 ? 2 : 1;
    assert.equal(it.paths(), Array(asked).fill("/a /b").join(" "));
    it.clock.pass(fresh - 1);
    if (fresh > 0) { for (const options of ["20x", ""]) await it.get(options); }
    assert.equal(it.asked.length, 2 * asked);
    it.clock.pass(1);
    assert.equal((await it.get("20x")).status, 200);
    assert.equal(it.asked.length, 2 * (asked + 1));
  });
}

Deno.test("every one of several redirects has its say", async () => {
  await using it = await setUp({
    "/a": { to: "/b", status: 301, headers: YEAR },
    "/b": { to: "/c", headers: { "cache-control": "max-age=30" } },
    "/c": { to: "/d", status: 308, headers: YEAR },
    "/d": { picture: ONE, headers: YEAR },
  });
  assert.equal((await it.get()).control, "max-age=30");
  it.clock.pass(29);
  await it.get();
  assert.equal(it.asked.length, 4);
  it.clock.pass(1);
  await it.get();
  assert.equal(it.paths(), "/a /b /c /d /a /b /c /d");
});

Deno.test("minCacheDuration and forceCache overrule redirects as they overrule pictures", async () => {
  const site: Site = {
    "/a": { to: "/b", headers: { "cache-control": "private, max-age=5" } },
    "/b": { picture: ONE, headers: { "cache-control": "max-age=5" } },
  };
  await using it = await setUp(site, { config: { forceCache: true, minCacheDuration: 60_000 } });
  assert.equal((await it.get()).control, "max-age=60");
  it.clock.pass(59);
  await it.get();
  assert.equal(it.paths(), "/a /b");
});

Deno.test("a redirect's Vary keeps the clients' pictures apart", async () => {
  await using it = await setUp({
    "/a": (request) => ({
      to: request.headers.get("x-theme") === "dark" ? "/dark" : "/light",
      headers: { ...YEAR, vary: "X-Theme" },
    }),
    "/light": { picture: ONE, headers: YEAR },
    "/dark": { picture: TWO, headers: YEAR },
  }, { config: { passRequestHeaders: ["X-Theme"] } });
  for (let round = 0; round < 2; round++) {
    for (const options of ["40x", ""]) {
      const dark = await it.get(options, { headers: { "x-theme": "dark" } });
      assert.equal(dark.shown(), "yb/gr");
      assert.match(dark.headers.get("vary")!, /\bX-Theme$/);
      assert.equal((await it.get(options)).shown(), "rg/by");
    }
  }
  assert.equal(it.asked.length, 4);
});

Deno.test("validators go only to the URL that gave them", async () => {
  const picture = (bytes: Uint8Array<ArrayBuffer>): Said => ({
    picture: bytes,
    headers: { "cache-control": "max-age=10", etag: '"1"' },
  });
  const to = (path: string): Said => ({ to: path, status: 301, headers: YEAR });
  await using it = await setUp({ "/a": to("/one"), "/one": picture(ONE), "/two": picture(TWO) });
  assert.equal((await it.get("40x")).shown(), "rg/by");
  it.clock.pass(10);
  assert.equal((await it.get("40x")).shown(), "rg/by");
  assert.deepEqual(it.asked.splice(0), [
    { path: "/a", ifNoneMatch: null },
    { path: "/one", ifNoneMatch: null },
    { path: "/a", ifNoneMatch: null },
    { path: "/one", ifNoneMatch: '"1"' },
  ]);
  assert.equal(it.proxy.poolStats().begun, 1, "a 304 behind a redirect renews");

  // The same tag, for another picture.
  it.site["/a"] = to("/two");
  it.clock.pass(10);
  assert.equal((await it.get("40x")).shown(), "yb/gr");
  it.site["/a"] = picture(ONE);
  it.clock.pass(10);
  assert.equal((await it.get("40x")).shown(), "rg/by");
  it.site["/a"] = to("/two");
  it.clock.pass(10);
  assert.equal((await it.get("40x")).shown(), "yb/gr");
  assert.deepEqual(it.asked.map(({ path, ifNoneMatch }) => path + (ifNoneMatch ?? "")), [
    ...["/a", "/two", "/a", '/a"1"', "/two"],
  ]);
});

Deno.test("what only a signature opened behind a redirect is not opened to others by the cache", async () => {
  await using it = await setUp({
    "/a": { to: "http://HERE/b", status: 301, headers: YEAR },
    "/b": { picture: ONE, headers: YEAR },
  }, {
    keys: ["key"],
    config: { allowHosts: ["127.0.0.1"] },
  });
  const { createHmac } = await import("node:crypto");
  const signature = createHmac("sha256", "key").update(`${it.origin.url}/a`).digest("base64url");
  for (const options of ["20x", "5x"]) {
    assert.equal((await it.get(`${options},s${signature}`)).status, 200);
    assert.equal((await it.get(options)).status, 403, options);
    assert.equal((await it.get(`${options},s${signature}`)).status, 200);
  }
  assert.equal((await it.get(`s${signature}`)).status, 200);
  assert.equal((await it.get()).status, 403);
  assert.equal((await it.get("", { path: "/b" })).status, 200, "the allowed host's own picture");
});
