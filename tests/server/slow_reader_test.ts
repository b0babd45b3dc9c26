// Clients that ask for a large picture and do not read it.
import assert from "node:assert/strict";
import { eventually } from "../testing/eventually.ts";
import { startOrigin, startProxy, type TestProxy } from "../testing/proxy.ts";

/** An SVG of 30 MB, which passes as it is: more than any buffer of the system's takes. */
const LARGE = new TextEncoder().encode(
  `<svg xmlns="http://www.w3.org/2000/svg"><!--${"x".repeat(30e6)}--></svg>`,
);

/** Asks for a picture and reads nothing of the answer. */
async function askAndWait(proxy: TestProxy, target: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(proxy.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const request = `GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return connection;
}

/** Reads to the end, or as far as there is something; how many bytes. */
async function readOn(connection: Deno.TcpConn): Promise<number> {
  let received = 0;
  const buffer = new Uint8Array(1 << 20);
  for (;;) {
    const read = await connection.read(buffer).catch(() => null);
    if (read === null) return received;
    received += read;
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (const cache of [["memory"], []]) {
  Deno.test(`a client that reads nothing is let go, whatever is cached: ${cache.join() || "nothing"}`, async () => {
    await using origin = startOrigin({ "/large.svg": LARGE });
    await using proxy = await startProxy({
      config: { cache, sendTimeout: 500, stopTimeout: 0 },
    });
    const target = `/${origin.url}/large.svg`;
    if (cache.length > 0) await (await proxy.get(target)).arrayBuffer();
    using connection = await askAndWait(proxy, target);
    await eventually(() => {
      assert.match(proxy.warnings.join(), /A client took nothing for 0\.5 s and was let go/);
    });
    // What is left in the buffers, and then the end, long before that of the picture.
    const received = await readOn(connection);
    assert.ok(received < LARGE.length, `${received} bytes`);
  });
}

Deno.test("a client that reads slowly gets all of a large picture, byte for byte", async () => {
  await using origin = startOrigin({ "/large.svg": LARGE });
  await using proxy = await startProxy({ config: { sendTimeout: 1500, stopTimeout: 0 } });
  const answer = await proxy.get(`/${origin.url}/large.svg`);
  let received = 0, pauses = 0;
  for await (const piece of answer.body!) {
    received += piece.length;
    if (received > 5e6 * pauses && pauses++ < 5) {
      await pause(400);
    }
  }
  assert.equal(received, LARGE.length);
  assert.deepEqual(proxy.warnings, []);
});

/** Enough for one large picture and not for two. */
const ROOM = { maxBytesInFlight: 40e6, sendTimeout: 30_000, stopTimeout: 0 };
const LET_GO = /took nothing for a time while too much waited/;

for (const cache of [["memory:1000"], []]) {
  Deno.test(`clients that read nothing share what may wait for them: ${cache.join() || "nothing is cached"}`, async () => {
    await using origin = startOrigin({ "/1.svg": LARGE, "/2.svg": LARGE });
    await using proxy = await startProxy({ config: { ...ROOM, cache } });
    using first = await askAndWait(proxy, `/${origin.url}/1.svg`);
    // So that it is the one who has waited longest.
    await pause(1200);
    using second = await askAndWait(proxy, `/${origin.url}/2.svg`);
    await eventually(() => assert.match(proxy.warnings.join(), LET_GO));
    assert.ok(await readOn(first) < LARGE.length);
    // The other is let wait, and gets all of its picture.
    assert.ok(await readOn(second) > LARGE.length);
    const metrics = await (await proxy.get("/metrics")).text();
    assert.match(metrics, /^imageproxy_clients_let_go_total 1$/m);
    assert.equal(proxy.warnings.length, 1);
  });
}

Deno.test("clients that read nothing of one picture in memory keep it there once", async () => {
  await using origin = startOrigin({ "/1.svg": LARGE });
  await using proxy = await startProxy({ config: { ...ROOM, cache: ["memory:1000"] } });
  await (await proxy.get(`/${origin.url}/1.svg`)).arrayBuffer();
  await eventually(async () => {
    await (await proxy.get(`/${origin.url}/1.svg`)).arrayBuffer();
    assert.equal(proxy.log.at(-1)!.cache?.original, "hit");
  });
  const before = Deno.memoryUsage().external;
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => askAndWait(proxy, `/${origin.url}/1.svg`)),
  );
  await pause(1500);
  // Each of five would have one of its own.
  assert.ok(Deno.memoryUsage().external - before < 2.5 * LARGE.length);
  assert.deepEqual(proxy.warnings, []);
  const received = await Promise.all(clients.map(readOn));
  assert.ok(received.every((bytes) => bytes > LARGE.length));
  for (const client of clients) client.close();
});

Deno.test("what lies on disk stays there while clients read nothing of it", async () => {
  const directory = await Deno.makeTempDir();
  await using origin = startOrigin({ "/1.svg": LARGE, "/2.svg": LARGE });
  const targets = [1, 2].map((name) => `/${origin.url}/${name}.svg`);
  const config = { ...ROOM, cache: [directory], cacheQueue: 100e6 };
  {
    await using proxy = await startProxy({ config: { ...config, stopTimeout: 5000 } });
    for (const target of targets) await (await proxy.get(target)).arrayBuffer();
    // All is written when it has closed.
  }
  {
    await using proxy = await startProxy({ config });
    const clients = await Promise.all(targets.map((target) => askAndWait(proxy, target)));
    await pause(1500);
    assert.doesNotMatch(proxy.warnings.join(), LET_GO);
    for (const client of clients) {
      assert.ok(await readOn(client) > LARGE.length);
      client.close();
    }
    assert.equal(origin.requests.length, targets.length);
  }
  await Deno.remove(directory, { recursive: true });
});
