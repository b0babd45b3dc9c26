import assert from "node:assert/strict";
import { createWaitingReaders } from "../../src/server/waiting_readers.ts";

/** Readers by name who wait for memory, and who of them were let go. */
function setUp(maxBytes: number) {
  const readers = createWaitingReaders();
  const gone: string[] = [];
  return {
    gone,
    wait: (name: string, memory: ArrayBuffer) =>
      readers.wait(memory, { maxBytes, letGo: () => void gone.push(name) }),
  };
}

Deno.test("who has waited longest is let go while too many bytes wait", () => {
  const { gone, wait } = setUp(100);
  wait("a", new ArrayBuffer(40));
  wait("b", new ArrayBuffer(40));
  assert.deepEqual(gone, []);
  wait("c", new ArrayBuffer(30));
  assert.deepEqual(gone, ["a"]);
  wait("d", new ArrayBuffer(90));
  assert.deepEqual(gone, ["a", "b", "c"]);
});

Deno.test("what several wait for is there once, and until the last of them has gone", () => {
  const { gone, wait } = setUp(100);
  const shared = new ArrayBuffer(60);
  for (const name of ["a", "b", "c"]) wait(name, shared);
  assert.deepEqual(gone, []);
  wait("d", new ArrayBuffer(60));
  assert.deepEqual(gone, ["a", "b", "c"]);
});

Deno.test("who reads on waits no more, and is let go no more", () => {
  const { gone, wait } = setUp(100);
  const readOn = wait("a", new ArrayBuffer(60));
  wait("b", new ArrayBuffer(30));
  readOn();
  readOn();
  wait("c", new ArrayBuffer(60));
  assert.deepEqual(gone, []);
  wait("d", new ArrayBuffer(60));
  assert.deepEqual(gone, ["b", "c"]);
});

Deno.test("one alone may wait for any number of bytes", () => {
  const { gone, wait } = setUp(100);
  wait("a", new ArrayBuffer(500));
  assert.deepEqual(gone, []);
  wait("b", new ArrayBuffer(1));
  assert.deepEqual(gone, ["a"]);
});
