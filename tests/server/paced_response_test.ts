import assert from "node:assert/strict";
import { pacedResponse } from "../../src/server/paced_response.ts";
import { createWaitingReaders } from "../../src/server/waiting_readers.ts";

// Timers that are left behind fail the test by themselves.
Deno.test("pacedResponse() watches nobody who has left, tells who reads on, and frees what it was sent from", async () => {
  const client = new AbortController();
  let freed: unknown;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1 << 20)),
    cancel: (reason) => void (freed = reason),
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
  const reason = new Error("gone");
  client.abort(reason);
  // A reader that is not told would wait for ever.
  await assert.rejects(reader.read(), reason);
  assert.equal(freed, reason);
});
