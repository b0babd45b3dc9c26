import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import {
  createRedisDriver,
  type RedisDriverOptions,
} from "../../../src/cache/drivers/redis_driver.ts";
import type { Store } from "../../../src/cache/store.ts";
import { freePort, missing, startServer } from "../../testing/servers.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

const SERVER = "REDIS_SERVER";
const PASSWORD = "p@ss w/rd";

function startRedis(port?: number) {
  return startServer(SERVER, {
    ...(port === undefined ? {} : { port }),
    args: (port, directory) => [
      ...["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--dir", directory],
      ...["--requirepass", PASSWORD, "--appendonly", "no"],
    ],
  });
}

function openRedis(port: number, options: Partial<RedisDriverOptions> = {}): Store {
  const url = `redis://127.0.0.1:${port}/3`;
  const given = { url, prefix: "imageproxy:", password: PASSWORD, ...options };
  return createDriverStore("redis", createRedisDriver(given));
}

testStore("redis", {
  missing: missing(SERVER),
  async start() {
    const server = await startRedis();
    const open = (prefix: string) => openRedis(server.port, { prefix });
    return {
      open: (place) => Promise.resolve(open(`${place}*[x]:`)),
      openDown: () => Promise.resolve(openRedis(freePort())),
      atomic: true,
      lasts: true,
      expires: true,
      foreign: {
        async put(place) {
          const other = open(`other ${place}`);
          await other.set("a", bytesOf(1, 10));
          await other.close();
        },
        async kept(place) {
          const other = open(`other ${place}`);
          const value = await other.get("a");
          await other.close();
          return value?.length === 10;
        },
      },
      async stop() {
        await server.stop();
        // After a large answer redis-parser shrinks its pool, the whole module's, for some 3 s.
        await new Promise((resolve) => setTimeout(resolve, 4_000));
      },
    };
  },
});

Deno.test({
  name: `redis store comes back with its server, and says so once per change`,
  ignore: missing(SERVER) !== undefined,
  async fn() {
    const changes: boolean[] = [];
    let server = await startRedis();
    const store = openRedis(server.port, { onChange: (connected) => changes.push(connected) });
    const key = await keyOf("a");
    await store.set(key, bytesOf(1, 10));
    await server.stop();
    const started = performance.now();
    for (let i = 0; i < 20; i++) await assert.rejects(store.get(key));
    assert.ok(performance.now() - started < 1_000, "a broken connection was waited for");
    await new Promise((resolve) => setTimeout(resolve, 500));

    server = await startRedis(server.port);
    const deadline = Date.now() + 5_000;
    while (changes.at(-1) !== true && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await store.set(key, bytesOf(2, 10));
    assert.deepEqual(changes, [true, false, true]);
    await store.close();
    await server.stop();
    assert.deepEqual(changes, [true, false, true], "closing is no loss of the connection");
  },
});

Deno.test({
  name: "redis store rejects when the password is wrong",
  ignore: missing(SERVER) !== undefined,
  async fn() {
    const server = await startRedis();
    const store = openRedis(server.port, { password: "wrong" });
    await assert.rejects(store.get("a"));
    await store.close();
    await server.stop();
  },
});
