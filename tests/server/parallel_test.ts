import assert from "node:assert/strict";
import type { Config } from "../../src/settings/table.ts";
import { readRules } from "../../src/serving/image_server.ts";
import { startServers } from "../../src/server/parallel.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";
import { shareOf } from "../../src/settings/share.ts";
import { eventually } from "../testing/eventually.ts";
import { startOrigin } from "../testing/proxy.ts";
import { picture, startEngine } from "../testing/pictures.ts";

const ignore = Deno.build.os !== "linux";

async function rulesWith(config: Partial<Config>) {
  return await readRules({
    ...resolveConfig({}, () => undefined).config,
    addr: { hostname: "127.0.0.1", port: 0 },
    allowPrivateNetworks: true,
    parallel: 3,
    workers: 3,
    minCacheDuration: 3600_000,
    ...config,
  }, Deno);
}

async function start(config: Partial<Config> = {}, openThread?: () => Worker) {
  const events: string[] = [];
  const log = { request() {}, event: (_: string, message: string) => void events.push(message) };
  const options = { ...await rulesWith(config), log, env: () => undefined };
  const server = await startServers(options, openThread);
  return { server, events, [Symbol.asyncDispose]: server.close };
}

async function photo(): Promise<Uint8Array<ArrayBuffer>> {
  await startEngine();
  return picture(["rg", "by"], { format: "JPEG", scale: 30 });
}

/** Asks on a connection of its own, which the system may give to any thread. */
async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  const response = await fetch(url, { ...init, client });
  // Read here, since the client does not outlive the call.
  const body = await response.arrayBuffer();
  return new Response(body, response);
}

async function askOften(url: string, times = 40): Promise<Response[]> {
  const responses: Response[] = [];
  for (let count = 0; count < times; count++) responses.push(await ask(url));
  return responses;
}

/** The threads that answered, told by the part of request ids that each has for itself. */
function threadsOf(responses: readonly Response[]): Set<string> {
  return new Set(responses.map(({ headers }) => headers.get("x-request-id")!.split("-")[0]!));
}

function figure(page: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(page)?.[1]);
}

Deno.test({
  name: "with -parallel several threads answer on one port, and the figures are those of all",
  ignore,
  async fn() {
    const picture = await photo();
    await using origin = startOrigin({ "/a.jpg": picture });
    await using running = await start();
    const { url } = running.server;
    const responses = await askOften(`${url}/30x/${origin.url}/a.jpg`);
    assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
    assert.equal(threadsOf(responses).size, 3);
    const bodies = await Promise.all(responses.map((response) => response.bytes()));
    for (const body of bodies) assert.deepEqual(body, bodies[0]);
    // Each thread has a cache of its own.
    assert.equal(origin.requests.length, 3);
    for (let count = 0; count < 5; count++) {
      const page = await (await ask(`${url}/metrics`)).text();
      assert.equal(figure(page, "http_request_duration_seconds_count"), 40);
      assert.equal(figure(page, "imageproxy_requests_served_from_cache_total"), 37);
      assert.equal(figure(page, "imageproxy_processes"), 1);
      assert.ok(figure(page, "imageproxy_workers") >= 1);
      const memory = figure(page, "process_resident_memory_bytes");
      assert.ok(memory < 2 * Deno.memoryUsage().rss, `${memory} is that of one process`);
    }
  },
});

Deno.test({
  name: "with -parallel a purge reaches the memory of every thread, whichever is asked",
  ignore,
  async fn() {
    await using origin = startOrigin({ "/a.jpg": await photo() });
    await using running = await start({ purgeToken: "secret" });
    const target = `${running.server.url}/30x/${origin.url}/a.jpg`;
    for (const round of [1, 2]) {
      assert.equal(threadsOf(await askOften(target)).size, 3);
      assert.equal(origin.requests.length, 3 * round);
      const headers = { authorization: "Bearer secret" };
      const purged = await ask(target, { method: "PURGE", headers });
      assert.deepEqual(await purged.json(), { removed: 2 });
    }
  },
});

Deno.test({
  name: "with -parallel new rules reach every thread, and wrong ones none",
  ignore,
  async fn() {
    await using origin = startOrigin({ "/a.jpg": await photo() });
    await using running = await start();
    const { server } = running;
    const target = `${server.url}/30x/${origin.url}/a.jpg`;
    await askOften(target, 10);
    const wrong = await rulesWith({ denyHosts: ["10.0.0.0/99"] });
    assert.throws(() => server.reload(wrong));
    assert.equal((await askOften(target, 20)).every(({ status }) => status === 200), true);
    const ignored = server.reload(await rulesWith({ denyHosts: ["127.0.0.1"], parallel: 5 }));
    assert.deepEqual(ignored, ["parallel"]);
    await eventually(async () => {
      const statuses = (await askOften(target, 20)).map(({ status }) => status);
      assert.deepEqual(new Set(statuses), new Set([403]));
    });
  },
});

Deno.test({
  name: "with -parallel every thread answers what it has begun before it stops",
  ignore,
  async fn() {
    const picture = await photo();
    const gate = Promise.withResolvers<void>();
    await using origin = startOrigin({}, async () => {
      await gate.promise;
      return new Response(picture);
    });
    const running = await start();
    const { server } = running;
    const answers = Array.from(
      { length: 9 },
      (_, index) => ask(`${server.url}/30x/${origin.url}/${index}.jpg`),
    );
    await eventually(() => assert.equal(origin.requests.length, 9));
    const closed = server.close();
    gate.resolve();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    await closed;
    assert.deepEqual(new Set(statuses), new Set([200]));
    await assert.rejects(ask(`${server.url}/health-check`));
  },
});

Deno.test({
  name: "with -parallel a thread that breaks is replaced, and the others go on",
  ignore,
  async fn() {
    await using origin = startOrigin({ "/a.jpg": await photo() });
    const openThread = () =>
      new Worker(new URL("../testing/short_lived_sibling.ts", import.meta.url), { type: "module" });
    await using running = await start({ parallel: 2, workers: 2 }, openThread);
    const { server, events } = running;
    const target = `${server.url}/30x/${origin.url}/a.jpg`;
    const before = threadsOf(await askOften(target));
    assert.equal(before.size, 2);
    await assert.rejects(server.purge(`${origin.url}/break`), /broken on purpose/);
    assert.match(events.join("\n"), /A serving thread ended and is replaced: .*broken on purpose/);
    // Connections that the broken one had not accepted yet are lost with it.
    await eventually(async () => {
      const after = threadsOf(await askOften(target, 20));
      assert.equal(after.size, 2);
      assert.notDeepEqual(after, before);
    });
  },
});

Deno.test("-parallel that cannot be had is refused by name, and nothing is left behind", async () => {
  const path = `${await Deno.makeTempDir()}/socket`;
  await assert.rejects(start({ addr: { path } }), /^Error: -parallel takes a TCP address/);
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await assert.rejects(
    start({ addr: { hostname: "127.0.0.1", port } }),
    /Cannot listen on 127.0.0.1:\d+: the address is in use/,
  );
  const openThread = () =>
    new Worker("data:text/javascript,throw new Error('no start')", { type: "module" });
  if (!ignore) await assert.rejects(start({}, openThread), /no start/);
  const { problems } = resolveConfig({ parallel: "0" }, () => undefined);
  assert.match(problems.join("\n"), /-parallel/);
});

Deno.test("shareOf() divides what is bounded for the process, and no more than once", () => {
  const { config } = resolveConfig({}, () => undefined);
  const share = shareOf({
    ...config,
    workers: 4,
    maxRequestsPerHost: 4,
    rateLimit: 0,
    cache: ["memory", "results=memory:30:1h", "originals=memory::2h", "/memory:30", "redis://a"],
  }, 3);
  assert.deepEqual(share.cache, [
    ...["memory:33", "results=memory:10:1h", "originals=memory:33:2h", "/memory:30", "redis://a"],
  ]);
  assert.deepEqual([share.workers, share.maxRequestsPerHost, share.rateLimit], [4, 2, 0]);
});
