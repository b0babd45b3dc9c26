import assert from "node:assert/strict";
import { pacedResponse } from "../../src/server/paced_response.ts";
import { createWaitingReaders } from "../../src/server/waiting_readers.ts";

// Timers that are left behind fail the test by themselves.
Deno.test("pacedResponse() watches nobody who has left, even if asked for more once", async () => {
  const client = new AbortController();
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
  });
  const response = pacedResponse(
    new Response(body, { headers: { "content-length": String(1 << 20) } }),
    {
      request: new Request("http://127.0.0.1/", { signal: client.signal }),
      pace: {
        timeoutMs: 60_000,
        waiting: createWaitingReaders(),
        maxWaitingBytes: 1e6,
        onLetGo: assert.fail,
      },
    },
  );
  const reader = response.body!.getReader();
  assert.equal((await reader.read()).value!.length, 64 * 1024);
  client.abort();
  const next = reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await reader.cancel();
  assert.equal((await next).done, true);
});
