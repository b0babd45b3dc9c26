import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import {
  createRedisDriver,
  type RedisDriverOptions,
} from "../../../src/cache/drivers/redis_driver.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import { certificate, privateKey } from "../../testing/certificate.ts";
import { eventually } from "../../testing/eventually.ts";
import { freePort, missing, startServer } from "../../testing/servers.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

const SERVER = "REDIS_SERVER";
const ROUND_TRIP = new URL("../../testing/redis_round_trip.ts", import.meta.url).pathname;
const PASSWORD = "p@ss w/rd";

function startRedis({ port, more = [] }: { port?: number; more?: string[] } = {}) {
  return startServer(SERVER, {
    ...(port === undefined ? {} : { port }),
    args: (port, directory) => [
      ...["--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--dir", directory],
      ...["--requirepass", PASSWORD, "--appendonly", "no", ...more],
    ],
  });
}

/** Speaks TLS only, with the tests' own certificate. */
function startTlsRedis() {
  return startServer(SERVER, {
    args(port, directory) {
      const [certificateFile, keyFile] = [`${directory}/tls.pem`, `${directory}/tls.key`];
      Deno.writeTextFileSync(certificateFile, certificate);
      Deno.writeTextFileSync(keyFile, privateKey);
      return [
        ...["--bind", "127.0.0.1", "--port", "0", "--save", "", "--dir", directory],
        ...["--requirepass", PASSWORD, "--tls-port", `${port}`, "--tls-auth-clients", "no"],
        ...["--tls-cert-file", certificateFile, "--tls-key-file", keyFile],
      ];
    },
  });
}

/** What the round trip printed, run with the network of 127.0.0.1 and one variable, no more. */
async function roundTrip(spec: string, flags: string[] = []): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-net=127.0.0.1", "--allow-env=REDIS_PASSWORD", ...flags],
      ...[ROUND_TRIP, spec],
    ],
    env: { REDIS_PASSWORD: PASSWORD },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) || decoder.decode(stderr)).trim();
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
      stop: server.stop,
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
    // Twenty times a second, if one waited for the connection.
    assert.ok(performance.now() - started < 10_000, "a broken connection was waited for");
    await new Promise((resolve) => setTimeout(resolve, 500));

    server = await startRedis({ port: server.port });
    await eventually(() => assert.equal(changes.at(-1), true));
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

Deno.test({
  name: "redis store needs the network of its server and the variable of its password, no more",
  ignore: missing(SERVER) !== undefined,
  async fn() {
    const server = await startRedis();
    // Within a second the server answers, or the machine has other things to do.
    const spec = `redis://127.0.0.1:${server.port}/1`;
    await eventually(async () => assert.equal(await roundTrip(spec), "same"));
    await server.stop();
  },
});

Deno.test({
  name: "redis store speaks TLS, and only to a certificate that is trusted",
  ignore: missing(SERVER) !== undefined,
  async fn() {
    const server = await startTlsRedis();
    const spec = `rediss://127.0.0.1:${server.port}/1`;
    const certificateFile = await Deno.makeTempFile();
    await Deno.writeTextFile(certificateFile, certificate);
    await eventually(async () =>
      assert.equal(await roundTrip(spec, [`--cert=${certificateFile}`]), "same")
    );
    assert.match(await roundTrip(spec), /Cannot reach.*(self-signed|UnknownIssuer)/);
    assert.match(await roundTrip(spec.replace("rediss:", "redis:")), /Cannot reach/);
    await Deno.remove(certificateFile);
    await server.stop();
  },
});

Deno.test({
  name: "redis store logs in as the user named, by any name of the host, to one database",
  ignore: missing(SERVER) !== undefined,
  async fn() {
    const server = await startRedis({
      more: ["--user", "limited", "on", ">secret", "~*", "+get", "+set", "+select"],
    });
    const limited = { username: "limited", password: "secret" };
    const open = (database: number, options: Partial<RedisDriverOptions>) =>
      openRedis(server.port, { url: `redis://localhost:${server.port}/${database}`, ...options });
    const [one, two, root] = [open(1, limited), open(2, limited), open(1, {})];
    await one.set("a", bytesOf(1, 10));
    assert.equal(await two.get("a"), undefined);
    assert.deepEqual(await root.get("a"), bytesOf(1, 10));
    await assert.rejects(one.delete("a"), /NOPERM/);
    for (const store of [one, two, root]) await store.close();
    await server.stop();
  },
});
