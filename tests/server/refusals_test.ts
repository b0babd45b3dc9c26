import assert from "node:assert/strict";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { eventually } from "../testing/eventually.ts";
import { startProxiedOrigin } from "../testing/proxied_origin.ts";
import { startProxy, type TestProxyOptions } from "../testing/proxy.ts";
import { startRawOrigin } from "../testing/raw_origin.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });

const setUp = (headers: Record<string, string>, options?: TestProxyOptions) =>
  startProxiedOrigin(PICTURE, headers, options);

Deno.test("every refusal is remembered, whatever the options, for a minute", async () => {
  await using it = await setUp({});
  for (const status of [401, 402, 403, 404, 405, 410, 429, 451]) {
    const path = `/${status}.png`;
    it.origin.status = status;
    for (const options of ["20x", "30x", ""]) {
      const expected = status === 404 || status === 410 ? 404 : 502;
      assert.equal((await it.get(options, { path })).status, expected);
    }
    it.clock.pass(59);
    await it.get("20x", { path });
    assert.equal(it.origin.count(path), 1, path);
    it.clock.pass(1);
    await it.get("20x", { path });
    assert.equal(it.origin.count(path), 2, path);
  }
});

Deno.test("Retry-After of 429 and 503 is heeded, and passed on as it runs out", async () => {
  await using it = await setUp({ "cache-control": "no-store", "retry-after": "100" });
  for (const status of [429, 503]) {
    const path = `/${status}.png`;
    it.origin.status = status;
    for (const [passes, left] of [[0, "100"], [40, "60"], [59.5, "1"]] as const) {
      it.clock.pass(passes);
      for (const options of ["20x", ""]) {
        const answer = await it.get(options, { path });
        assert.deepEqual([answer.status, answer.headers.get("retry-after")], [502, left]);
      }
    }
    assert.equal(it.origin.count(path), 1);
    it.clock.pass(0.5);
    await it.get("20x", { path });
    assert.equal(it.origin.count(path), 2);
  }
});

Deno.test("errors that are remembered may be kept by a CDN as long, where a setting says so", async () => {
  for (const cacheableErrors of [false, true]) {
    await using it = await setUp({ vary: "X-Theme" }, {
      config: { cacheableErrors, passRequestHeaders: ["X-Theme", "Authorization"] },
    });
    it.origin.status = 404;
    const first = await it.get();
    it.clock.pass(20);
    const second = await it.get("30x");
    const told = [first, second].map(({ headers }) => headers.get("cache-control"));
    assert.deepEqual(
      told,
      cacheableErrors ? ["max-age=60", "max-age=40"] : ["no-store", "no-store"],
    );
    assert.equal(first.headers.get("vary"), cacheableErrors ? "Accept, X-Theme" : null);

    const personal = await it.get("", { path: "/b", headers: { authorization: "x" } });
    assert.equal(personal.headers.get("cache-control"), "no-store");
    const malformed = await it.get("r45");
    assert.deepEqual([malformed.status, malformed.headers.get("cache-control")], [400, "no-store"]);
  }
});

Deno.test("the memory is split only by what the origin's answer depends on", async () => {
  await using it = await setUp({}, { config: { passRequestHeaders: ["X-Theme", "X-Other"] } });
  const ask = (headers: Record<string, string>, path: string) => it.get("", { path, headers });
  it.origin.status = 404;
  for (const theme of ["a", "b", "c"]) await ask({ "x-theme": theme }, "/plain");
  assert.equal(it.origin.count("/plain"), 1);

  it.origin.headers = { vary: "X-Theme" };
  for (const theme of ["a", "b", "a", "b"]) {
    for (const other of ["a", "b"]) await ask({ "x-theme": theme, "x-other": other }, "/varying");
  }
  assert.equal(it.origin.count("/varying"), 2);

  // Who sends what the origin, or what guards it, cannot bear has nobody else refused.
  for (
    const [status, vary] of [[400, ""], [403, ""], [403, "Accept-Encoding"], [501, ""]] as const
  ) {
    it.origin.headers = vary ? { vary } : {};
    it.origin.status = status;
    const path = `/blaming-${status}${vary}`;
    for (const theme of ["bad", "bad"]) await ask({ "x-theme": theme }, path);
    assert.equal(it.origin.count(path), 1, path);
    it.origin.status = 200;
    it.origin.headers = {};
    for (const headers of [{}, { "x-theme": "good" }]) {
      assert.equal((await ask(headers as Record<string, string>, path)).status, 200, path);
    }
  }

  // Neither has who brings credentials.
  it.origin.status = 403;
  await using personal = await setUp({}, { config: { passRequestHeaders: ["Authorization"] } });
  personal.origin.status = 403;
  await personal.get("", { headers: { authorization: "wrong" } });
  personal.origin.status = 200;
  assert.equal((await personal.get("")).status, 200);
});

Deno.test("a refusal of what a client passes on ends no copy that others may have", async () => {
  await using it = await setUp(
    { "cache-control": "max-age=10, stale-if-error=86400" },
    { config: { passRequestHeaders: ["X-Theme"] } },
  );
  for (const options of ["", "20x"]) {
    it.origin.status = 200;
    assert.equal((await it.get(options)).status, 200);
    it.clock.pass(11);
    // As a guard does that takes a header for an attack.
    it.origin.status = 403;
    assert.equal((await it.get(options, { headers: { "x-theme": "' OR 1=1" } })).status, 502);
    it.origin.status = 500;
    assert.equal((await it.get(options)).status, 200, options);
    it.clock.pass(86_500);
  }
});

Deno.test("an origin that is down is asked once for all, whatever headers they bring", async () => {
  await using origin = startRawOrigin((_, socket) => socket.close());
  await using proxy = await startProxy({ config: { passRequestHeaders: ["X-Theme"] } });
  const ask = async (theme: string) => {
    const answer = await proxy.get(`/${origin.url}/a.png`, { headers: { "x-theme": theme } });
    await answer.body?.cancel();
    assert.equal(answer.status, 502);
    return origin.heads.length;
  };
  const once = await ask("a");
  for (const theme of ["b", "c"]) assert.equal(await ask(theme), once);
});

// What an origin answers after a picture that may be used for a day while it fails.
// deno-fmt-ignore
const NEWER: readonly (readonly [name: string, status: number, headers: Record<string, string>, ends: boolean])[] = [
  ["404", 404, {}, true],
  ["410", 410, {}, true],
  ["403", 403, {}, true],
  ["451", 451, {}, true],
  ["404 that is not remembered", 404, { "cache-control": "no-store" }, true],
  ["a picture with no-store", 200, { "cache-control": "no-store" }, true],
  ["a private picture", 200, { "cache-control": "private, max-age=60" }, true],
  ["a picture with Vary: *", 200, { "cache-control": "max-age=60", vary: "*" }, true],
  ["400, which blames the request,", 400, {}, false],
  ["429", 429, {}, false],
  ["408", 408, {}, false],
  ["500", 500, {}, false],
];

const USABLE = { "cache-control": "max-age=10, stale-if-error=86400", etag: '"1"' };

for (const [name, status, headers, ends] of NEWER) {
  for (const place of ["memory", "file"]) {
    const outcome = ends ? "ends" : "leaves";
    Deno.test(`${name} ${outcome} what was stored before, and all that was made of it, in ${place}`, async () => {
      const folder = await Deno.makeTempDir();
      {
        const cache = place === "file" ? [`file:${folder}`] : ["memory"];
        await using it = await setUp(USABLE, { config: { cache } });
        for (const options of ["20x", "30x", ""]) await it.get(options);
        await settle();
        it.clock.pass(20);
        it.origin.headers = headers;
        it.origin.status = status;
        it.origin.revalidates = false;
        await it.get("30x");
        await settle();
        // Longer than any memory of the refusal.
        it.clock.pass(3600);
        it.origin.status = 503;
        for (const options of ["20x", "30x", ""]) {
          assert.equal((await it.get(options)).status, ends ? 502 : 200, options || "original");
        }
      }
      await Deno.remove(folder, { recursive: true });
    });
  }
}

Deno.test("stale-while-revalidate shows nothing more of what was taken down", async () => {
  await using it = await setUp({ "cache-control": "max-age=10, stale-while-revalidate=86400" });
  for (const options of ["20x", "30x", ""]) await it.get(options);
  it.clock.pass(20);
  it.origin.status = 404;
  assert.equal((await it.get("")).status, 200, "the one that finds out");
  await eventually(async () => assert.equal((await it.get("")).status, 404));
  for (const options of ["20x", "30x"]) assert.equal((await it.get(options)).status, 404, options);
});

Deno.test("one who brings credentials ends nothing for the others", async () => {
  await using it = await setUp(USABLE, { config: { passRequestHeaders: ["Authorization"] } });
  await it.get("");
  it.clock.pass(20);
  it.origin.status = 403;
  assert.equal((await it.get("", { headers: { authorization: "wrong" } })).status, 502);
  it.origin.status = 503;
  const { status, body } = await it.get("");
  assert.equal(status, 200);
  assert.equal(letters(look(body), { scale: 20 }).join("/"), "rg/by");
});

/** What is written and removed behind the clients' backs. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 200));
}
