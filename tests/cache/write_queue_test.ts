import assert from "node:assert/strict";
import { createWriteQueue } from "../../src/cache/write_queue.ts";

function createQueue({ atOnce = 2, maxBytes = 100 } = {}) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const queue = createWriteQueue<string>({
    atOnce,
    maxBytes,
    write(key, job) {
      begun.push(`${key}=${job}`);
      return new Promise<void>((resolve) => ends.push(resolve));
    },
  });
  const push = (key: string, job: string, bytes = 10) => queue.push(key, { job, bytes });
  const endOne = async () => {
    ends.shift()?.();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { queue, begun, push, endOne };
}

Deno.test("push() writes in order, so many at once", async () => {
  const { queue, begun, push, endOne } = createQueue();
  for (const key of ["a", "b", "c"]) push(key, "1");
  assert.deepEqual(begun, ["a=1", "b=1"]);
  await endOne();
  assert.deepEqual(begun, ["a=1", "b=1", "c=1"]);
  await endOne();
  await endOne();
  await queue.idle();
  assert.deepEqual(queue.counters, { waiting: 0, running: 0, bytes: 0, dropped: 0 });
});

Deno.test("push() replaces what waits under the same key", async () => {
  const { queue, begun, push, endOne } = createQueue({ atOnce: 1 });
  push("a", "1");
  push("b", "1");
  push("b", "2");
  assert.equal(queue.counters.bytes, 20);
  await endOne();
  await endOne();
  assert.deepEqual(begun, ["a=1", "b=2"]);
});

Deno.test("push() never writes two jobs of one key at the same time", async () => {
  const { begun, push, endOne } = createQueue();
  push("a", "1");
  push("a", "2");
  push("b", "1");
  assert.deepEqual(begun, ["a=1", "b=1"]);
  await endOne();
  assert.deepEqual(begun, ["a=1", "b=1", "a=2"]);
  await endOne();
  await endOne();
});

Deno.test("push() drops what does not fit and counts it", async () => {
  const { queue, push, endOne } = createQueue();
  assert.equal(push("a", "1", 60), true);
  assert.equal(push("b", "1", 60), false);
  assert.equal(push("c", "1", 40), true);
  assert.equal(queue.counters.dropped, 1);
  assert.equal(queue.counters.bytes, 100);
  await endOne();
  assert.equal(push("b", "1", 60), true);
  await endOne();
  await endOne();
});

Deno.test("peek() returns the newest job that is not written yet", async () => {
  const { queue, push, endOne } = createQueue();
  push("a", "1");
  assert.equal(queue.peek("a"), "1");
  push("a", "2");
  assert.equal(queue.peek("a"), "2");
  await endOne();
  await endOne();
  assert.equal(queue.peek("a"), undefined);
});

Deno.test("cancel() takes back what waits and waits for what runs", async () => {
  const { queue, begun, push, endOne } = createQueue({ atOnce: 1 });
  for (const key of ["a", "b", "c"]) push(key, "1");
  let cancelled = false;
  const cancelling = queue.cancel((key) => key !== "c").then(() => cancelled = true);
  await Promise.resolve();
  assert.equal(cancelled, false);
  await endOne();
  await cancelling;
  await endOne();
  assert.deepEqual(begun, ["a=1", "c=1"]);
  assert.equal(queue.counters.bytes, 0);
});
