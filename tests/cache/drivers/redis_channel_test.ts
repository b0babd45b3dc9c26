import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import {
  createRedisDriver,
  type RedisDriverOptions,
} from "../../../src/cache/drivers/redis_driver.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import { startCuttable } from "../../testing/cuttable.ts";
import { eventually, inTime } from "../../testing/eventually.ts";
import { freePort, missing, startRedis } from "../../testing/servers.ts";

interface Server extends AsyncDisposable {
  store: Store;
  /** What it was told to remove, in order. */
  heard: string[];
  announce(prefix: string): ReturnType<NonNullable<Store["channel"]>["announce"]>;
}

/** A server of the Redis at a port, that removes one entry for each thing it hears. */
function open(
  port: number,
  options: Partial<RedisDriverOptions> & { listens?: boolean } = {},
): Server {
  const { listens = true, ...others } = options;
  const driver = createRedisDriver({
    url: `redis://127.0.0.1:${port}`,
    prefix: "it:",
    isServer: true,
    ...others,
  });
  const store = createDriverStore("redis", driver);
  const heard: string[] = [];
  if (listens) {
    store.channel!.listen((prefix) => {
      heard.push(prefix);
      return Promise.resolve(1);
    });
  }
  return {
    store,
    heard,
    announce: (prefix) => store.channel!.announce(prefix),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

function redisTest(name: string, run: (port: number) => Promise<void>): void {
  Deno.test({
    name: `the channel of a Redis ${name}`,
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

/** Announces until so many servers are there to hear it: they connect in the background. */
async function gather(server: Server, servers: number): Promise<void> {
  await eventually(async () => assert.equal((await server.announce("0")).servers, servers));
}

redisTest("reaches every server, and says how many and what went there", async (port) => {
  await using one = open(port);
  await using two = open(port);
  await using three = open(port);
  await gather(one, 3);
  const reach = await one.announce("ab:cd");
  assert.deepEqual(reach, { servers: 3, removed: 2, missing: 0 });
  assert.equal(one.heard.includes("ab:cd"), false, "its own is done by who announces it");
  for (const { heard } of [two, three]) assert.equal(heard.at(-1), "ab:cd");
});

redisTest("reaches those who share the prefix, and no others", async (port) => {
  await using one = open(port);
  await using other = open(port, { prefix: "other:" });
  await other.announce("1");
  assert.deepEqual(await one.announce("ab"), { servers: 1, removed: 0, missing: 0 });
  assert.deepEqual(other.heard, []);
});

redisTest("takes word from a command, which is no server and hears nothing", async (port) => {
  await using server = open(port);
  await gather(server, 1);
  await using command = open(port, { isServer: false, listens: false });
  assert.deepEqual(await command.announce("ab"), { servers: 1, removed: 1, missing: 0 });
  assert.deepEqual(server.heard, ["ab"]);
});

redisTest("tells those who were away when they come back, and those who start", async (port) => {
  await using line = startCuttable(port);
  await using here = open(port);
  await using away = open(line.port);
  await gather(here, 2);
  away.heard.length = 0;
  line.cut();
  await eventually(async () => assert.equal((await here.announce("ab")).servers, 1));
  await here.announce("cd");
  assert.deepEqual(away.heard, []);
  line.mend();
  await eventually(() => assert.deepEqual(away.heard, ["ab", "cd"]));
  assert.equal((await here.announce("ef")).servers, 2);
  assert.deepEqual(away.heard, ["ab", "cd", "ef"]);

  await using late = open(port);
  await eventually(() => assert.deepEqual(late.heard.slice(-3), ["ab", "cd", "ef"]));
});

redisTest("tells later what could not be told while Redis was out of reach", async (port) => {
  await using line = startCuttable(port);
  await using here = open(port);
  await using away = open(line.port);
  await gather(away, 2);
  line.cut();
  await eventually(async () => {
    await assert.rejects(away.store.get("ab"));
  });
  assert.deepEqual(await away.announce("ab"), { servers: 1, removed: 0, missing: 0 });
  assert.equal(here.heard.includes("ab"), false);
  line.mend();
  await eventually(() => assert.equal(here.heard.at(-1), "ab"));
});

Deno.test({
  name: "the channel of a Redis outlives one that forgets",
  ignore: missing("REDIS_SERVER") !== undefined,
  async fn() {
    const port = freePort();
    let redis = await startRedis(port);
    {
      await using line = startCuttable(port);
      await using here = open(port);
      await using away = open(line.port);
      await gather(here, 2);
      line.cut();
      await eventually(async () => assert.equal((await here.announce("ab")).servers, 1));
      await redis.stop();
      redis = await startRedis(port);
      line.mend();
      await eventually(() => assert.equal(away.heard.at(-1), "ab"));
      await gather(away, 2);
    }
    await redis.stop();
  },
});

redisTest("counts who was told and does not answer", async (port) => {
  await using one = open(port);
  await gather(one, 1);
  using mute = await Deno.connect({ hostname: "127.0.0.1", port });
  await mute.write(new TextEncoder().encode("SUBSCRIBE it:purges\r\n"));
  await mute.read(new Uint8Array(100));
  assert.deepEqual(await inTime(one.announce("ab")), { servers: 1, removed: 0, missing: 1 });
});

redisTest("bears what others write there", async (port) => {
  await using one = open(port);
  await using _two = open(port);
  await gather(one, 2);
  const rubbish = ["", "{", "[]", "null", '{"token":1}', '{"token":"a","prefix":"b","inbox":3}'];
  using stranger = await Deno.connect({ hostname: "127.0.0.1", port });
  for (const text of rubbish) {
    const command = `*3\r\n$7\r\nPUBLISH\r\n$9\r\nit:purges\r\n$${text.length}\r\n${text}\r\n`;
    await stranger.write(new TextEncoder().encode(command));
    await stranger.read(new Uint8Array(100));
  }
  await stranger.write(new TextEncoder().encode("XADD it:purges * a b\r\n"));
  await stranger.read(new Uint8Array(100));
  assert.deepEqual(await one.announce("ab"), { servers: 2, removed: 1, missing: 0 });
  await using late = open(port);
  await eventually(() => assert.equal(late.heard.at(-1), "ab"));
});

redisTest("says once that it is not allowed, and holds up nothing", async (port) => {
  const told: unknown[] = [];
  using admin = await Deno.connect({ hostname: "127.0.0.1", port });
  const rules = "ACL SETUSER few on >secret ~it:* resetchannels +@all -xadd -xrange\r\n";
  await admin.write(new TextEncoder().encode(rules));
  await admin.read(new Uint8Array(100));
  const onChannelTrouble = (error: unknown) => void told.push(error);
  await using one = open(port, { username: "few", password: "secret", onChannelTrouble });
  await eventually(() => assert.match(String(told[0]), /NOPERM/));
  for (let i = 0; i < 2; i++) {
    const { servers, missing } = await one.announce("ab");
    assert.deepEqual([servers, missing], [1, 0]);
  }
  assert.equal(new Set(told.map(String)).size, told.length);
  await one.store.set("key", new Uint8Array(3));
  assert.equal((await one.store.get("key"))?.length, 3);
});

redisTest("keeps a log that is no entry", async (port) => {
  await using one = open(port);
  await gather(one, 1);
  await one.store.set("key", new Uint8Array(3));
  assert.deepEqual(await Array.fromAsync(one.store.keys!()), ["key"]);
  assert.deepEqual(await one.store.stats!(), { entries: 1, bytes: 3 });
});
