// Clients that ask for a large picture and do not read it.
import assert from "node:assert/strict";
import { eventually } from "../testing/eventually.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

/** An SVG of 30 MB, which passes as it is: more than any buffer of the system's takes. */
const LARGE = new TextEncoder().encode(
  `<svg xmlns="http://www.w3.org/2000/svg"><!--${"x".repeat(30e6)}--></svg>`,
);

for (const cache of [["memory"], []]) {
  Deno.test(`a client that reads nothing is let go, whatever is cached: ${cache.join() || "nothing"}`, async () => {
    await using origin = startOrigin({ "/large.svg": LARGE });
    await using proxy = await startProxy({
      config: { cache, sendTimeout: 500, stopTimeout: 0 },
    });
    const { hostname, port } = new URL(proxy.url);
    const target = `/${origin.url}/large.svg`;
    if (cache.length > 0) await (await proxy.get(target)).arrayBuffer();
    using connection = await Deno.connect({ hostname, port: Number(port) });
    const request = `GET ${target} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`;
    await connection.write(new TextEncoder().encode(request));
    await eventually(() => {
      assert.match(proxy.warnings.join(), /A client took nothing for 0\.5 s and was let go/);
    });
    // What is left in the buffers, and then the end, long before that of the picture.
    let received = 0;
    const buffer = new Uint8Array(1 << 20);
    for (;;) {
      const read = await connection.read(buffer).catch(() => null);
      if (read === null) break;
      received += read;
    }
    assert.ok(received < LARGE.length, `${received} bytes`);
  });
}

Deno.test("a client that reads slowly gets all of a large picture, byte for byte", async () => {
  await using origin = startOrigin({ "/large.svg": LARGE });
  await using proxy = await startProxy({ config: { sendTimeout: 500, stopTimeout: 0 } });
  const answer = await proxy.get(`/${origin.url}/large.svg`);
  let received = 0, pauses = 0;
  for await (const piece of answer.body!) {
    received += piece.length;
    if (received > 5e6 * pauses && pauses++ < 5) {
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }
  assert.equal(received, LARGE.length);
  assert.deepEqual(proxy.warnings, []);
});
