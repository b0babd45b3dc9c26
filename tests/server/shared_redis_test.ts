import assert from "node:assert/strict";
import { startCuttable } from "../testing/cuttable.ts";
import { eventually } from "../testing/eventually.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy, type TestOrigin, type TestProxy } from "../testing/proxy.ts";
import { run } from "../testing/server_process.ts";
import { freePort, missing, startRedis } from "../testing/servers.ts";
import { untilWritten } from "../testing/written.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const FRESH = () => new Response(PICTURE, { headers: { "cache-control": "max-age=3600" } });
const AUTHORIZED = { headers: { authorization: "Bearer t" } };
const redisSpec = (port: number) => `redis://127.0.0.1:${port}`;

function start(cache: readonly string[]): Promise<TestProxy> {
  return startProxy({ config: { cache: [...cache], purgeToken: "t", xCache: true } });
}

/** How a picture was found; its status where there is none. */
async function ask(proxy: TestProxy, target: string): Promise<string> {
  const response = await proxy.get(target);
  await response.body?.cancel();
  return response.ok ? response.headers.get("x-cache")! : String(response.status);
}

async function purge(proxy: TestProxy, target: string) {
  const response = await proxy.get(target, { method: "PURGE", ...AUTHORIZED });
  const answer: { removed?: number; servers?: number } = response.ok ? await response.json() : {};
  if (!response.ok) await response.body?.cancel();
  return { status: response.status, ...answer };
}

/** Until all of them hear each other: they connect in the background. */
async function gather(proxies: readonly TestProxy[], origin: TestOrigin): Promise<void> {
  for (const proxy of proxies) {
    await eventually(async () => {
      const { servers } = await purge(proxy, `/${origin.url}/nothing.png`);
      assert.equal(servers, proxies.length);
    });
  }
}

function sharedTest(name: string, run: (port: number) => Promise<void>): void {
  Deno.test({
    name: `servers that share a Redis: ${name}`,
    ignore: missing("REDIS_SERVER") !== undefined,
    async fn() {
      const redis = await startRedis();
      try {
        await run(redis.port);
      } finally {
        await redis.stop();
      }
    },
  });
}

sharedTest("a purge reaches memory, directory and remembered errors of each", async (port) => {
  const directories = await Promise.all([1, 2, 3].map(() => Deno.makeTempDir()));
  {
    let found = false;
    await using origin = startOrigin(
      { "/a.png": FRESH },
      () => found ? FRESH() : new Response("none", { status: 404 }),
    );
    const caches = directories.map((directory) => ["memory", directory, redisSpec(port)]);
    await using one = await start(caches[0]!);
    await using two = await start(caches[1]!);
    await using three = await start(caches[2]!);
    const servers = [one, two, three];
    await gather(servers, origin);
    const target = `/20x/${origin.url}/a.png`;
    const other = `/20x/${origin.url}/b.png`;
    for (const server of servers) {
      for (let i = 0; i < 2; i++) await ask(server, target);
      assert.equal(await ask(server, other), "404");
    }
    await untilWritten(one.url, { tier: "redis", writes: 2 });

    const reach = await purge(two, `/${origin.url}/a.png`);
    assert.equal(reach.status, 200);
    assert.equal(reach.servers, 3);
    assert.ok(Number(reach.removed) >= 8, JSON.stringify(reach));
    await eventually(async () => {
      const told = await purge(three, `/${origin.url}/b.png`);
      assert.deepEqual(told, { status: 200, removed: 0, servers: 3 });
    });
    found = true;
    const asked = origin.requests.length;
    assert.equal(await ask(one, target), "miss; original=miss");
    assert.equal(origin.requests.length, asked + 1);
    for (const server of servers) assert.match(await ask(server, other), /hit|miss/);
    for (const server of servers) assert.match(await ask(server, target), /hit/);
  }
  for (const directory of directories) await Deno.remove(directory, { recursive: true });
});

sharedTest("the command line reaches them too", async (port) => {
  await using origin = startOrigin({ "/a.png": FRESH });
  const cache = redisSpec(port);
  await using one = await start(["memory", cache]);
  await using two = await start(["memory", cache]);
  await gather([one, two], origin);
  const target = `/20x/${origin.url}/a.png`;
  for (const [round, words] of [["purge", `${origin.url}/a.png`], ["clear"]].entries()) {
    for (const server of [one, two]) await ask(server, target);
    // The one that asked first, and the one that asked after the purge.
    await untilWritten([one, two][round]!.url, { tier: "redis", writes: 2 });
    const { code, stdout } = await run(["cache", ...words, "-cache", cache]);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+ entries removed\nRunning servers that were reached: 2\n$/);
    assert.match(await ask(two, target), /^miss/);
  }
});

if (Deno.build.os === "linux") {
  sharedTest("one of several threads counts once, and each of them is reached", async (port) => {
    await using origin = startOrigin({ "/a.png": FRESH });
    const cache = ["memory", redisSpec(port)];
    await using one = await startProxy({
      config: { cache, purgeToken: "t", xCache: true, parallel: 2 },
    });
    await using two = await start(cache);
    await gather([one, two], origin);
    await gather([two, one], origin);
    const target = `/20x/${origin.url}/a.png`;
    // Connections go to one thread or the other.
    for (let i = 0; i < 20; i++) await Promise.all([ask(one, target), ask(two, target)]);
    assert.equal((await purge(two, target)).servers, 2);
    await ask(two, target);
    for (let i = 0; i < 20; i++) await ask(one, target);
    assert.ok(origin.requests.length > 1, "it is asked again");
    assert.equal((await purge(one, target)).servers, 2);
  });
}

sharedTest("one that was away drops what was purged when it comes back", async (port) => {
  await using origin = startOrigin({ "/a.png": FRESH, "/b.png": FRESH });
  await using line = startCuttable(port);
  await using here = await start(["memory", redisSpec(port)]);
  await using away = await start(["memory", redisSpec(line.port)]);
  await gather([here, away], origin);
  const [a, b] = ["a", "b"].map((name) => `/20x/${origin.url}/${name}.png`);
  for (const server of [here, away]) for (const target of [a!, b!]) await ask(server, target);
  line.cut();
  await eventually(async () => {
    assert.equal((await purge(here, `/${origin.url}/a.png`)).servers, 1);
  });
  assert.equal(await ask(away, a!), "hit", "nobody could tell it");
  line.mend();
  await eventually(async () => assert.notEqual(await ask(away, a!), "hit"));
  assert.equal(await ask(away, b!), "hit");
});

sharedTest(
  "what is purged while Redis is away is purged elsewhere when it is back",
  async (port) => {
    await using origin = startOrigin({ "/a.png": FRESH });
    await using line = startCuttable(port);
    await using here = await start(["memory", redisSpec(line.port)]);
    await using other = await start(["memory", redisSpec(port)]);
    await gather([here, other], origin);
    const target = `/20x/${origin.url}/a.png`;
    for (const server of [here, other]) await ask(server, target);
    line.cut();
    await eventually(async () => {
      const { status } = await purge(here, `/${origin.url}/a.png`);
      assert.equal(status, 503, "the Redis itself still holds it");
    });
    assert.equal(await ask(other, target), "hit");
    line.mend();
    await eventually(async () => {
      assert.ok(here.events.some((event) => /^info: Connected/.test(event)));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const { status, servers } = await purge(here, `/${origin.url}/a.png`);
      assert.deepEqual([status, servers], [200, 2]);
    });
    assert.match(await ask(other, target), /miss/);
  },
);

Deno.test({
  name: "a Redis that is away for a moment is used again as soon as it is back",
  ignore: missing("REDIS_SERVER") !== undefined,
  async fn() {
    const port = freePort();
    const redis = await startRedis(port);
    {
      await using origin = startOrigin({}, FRESH);
      await using line = startCuttable(port);
      await using proxy = await start([redisSpec(line.port)]);
      const target = `/20x/${origin.url}/a.png`;
      await eventually(async () => assert.equal(await ask(proxy, target), "hit"));
      line.cut();
      await eventually(async () => assert.match(await ask(proxy, target), /miss/));
      await eventually(async () => {
        await ask(proxy, target);
        assert.ok(proxy.events.some((event) => /^warning: .* left alone .*\(read\)/.test(event)));
      });
      line.mend();
      await eventually(async () => assert.equal(await ask(proxy, target), "hit"));
      assert.ok(proxy.events.includes("info: The redis cache is in use again (read)"));
    }
    await redis.stop();
  },
});
