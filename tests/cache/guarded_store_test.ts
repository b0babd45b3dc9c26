import assert from "node:assert/strict";
import {
  createGuardedStore,
  type GuardOptions,
  type StoreChange,
} from "../../src/cache/guarded_store.ts";
import type { OpenValue } from "../../src/cache/drivers/store.ts";
import { createFailingStore } from "../testing/failing_store.ts";

const OPTIONS: GuardOptions = {
  readTimeoutMs: 20,
  writeTimeoutMs: 20,
  failuresToOpen: 2,
  retryAfterMs: 1000,
  now: () => 0,
  log: () => {},
};

function createGuard(options: { readTimeoutMs?: number } = {}) {
  const clock = { now: 0 };
  const changes: StoreChange[] = [];
  const backend = createFailingStore();
  const guard = createGuardedStore(backend.store, {
    ...OPTIONS,
    now: () => clock.now,
    log: (change) => changes.push(change),
    ...options,
  });
  return { guard, backend, clock, changes };
}

const BYTES = new Uint8Array([1, 2, 3]);
const bytes = () => BYTES;

function openValue(close: () => void = () => {}): Promise<OpenValue> {
  return Promise.resolve({
    size: 9,
    beginning: BYTES,
    read: () => Promise.resolve(undefined),
    close,
  });
}

Deno.test("get() returns what set() wrote, and counts", async () => {
  const { guard } = createGuard();
  assert.equal(await guard.get("a"), undefined);
  assert.equal(await guard.set("a", bytes), true);
  assert.deepEqual(await guard.get("a"), BYTES);
  assert.equal(await guard.delete("a"), true);
  assert.equal(await guard.get("a"), undefined);
  const { hits, misses, writes, deletions, bytesRead, bytesWritten } = guard.counters;
  assert.deepEqual([hits, misses, writes, deletions, bytesRead, bytesWritten], [1, 2, 1, 1, 3, 3]);
});

for (const failure of ["reject", "throw", "hang", "rubbish"] as const) {
  Deno.test(`get() misses where the backend does this: ${failure}`, async () => {
    const { guard, backend } = createGuard();
    backend.fail(failure);
    assert.equal(await guard.get("a"), undefined);
    assert.equal(guard.counters.readErrors, 1);
    backend.release();
  });
}

for (const failure of ["reject", "throw", "hang"] as const) {
  Deno.test(`set() and delete() say false where the backend does this: ${failure}`, async () => {
    const { guard, backend } = createGuard();
    backend.fail(failure);
    assert.equal(await guard.set("a", bytes), false);
    assert.equal(await guard.delete("a"), false);
    assert.equal(guard.counters.writeErrors, 2);
    backend.release();
  });
}

Deno.test("get() tells a hanging backend that its time is up", async () => {
  const { guard, backend } = createGuard();
  backend.fail("hang");
  await guard.get("a");
  assert.equal(backend.lastSignal()?.reason.name, "TimeoutError");
  backend.release();
});

Deno.test("get() leaves a failing backend alone, tries again, and logs each change once", async () => {
  const { guard, backend, clock, changes } = createGuard();
  backend.fail("reject");
  for (let i = 0; i < 10; i++) assert.equal(await guard.get("a"), undefined);
  assert.equal(backend.calls(), 2);
  assert.equal(guard.counters.skippedReads, 8);
  assert.equal(guard.state.read, "open");

  clock.now = 1000;
  await guard.get("a");
  assert.equal(backend.calls(), 3);

  backend.fail(undefined);
  clock.now = 2000;
  await guard.get("a");
  assert.equal(guard.state.read, "closed");
  assert.deepEqual(
    changes.map(({ store, operation, available }) => [store, operation, available]),
    [["failing", "read", false], ["failing", "read", true]],
  );
  assert.match(String(changes[0]?.cause), /down/);
});

Deno.test("get() goes on where only writing fails", async () => {
  const { guard, backend, changes } = createGuard();
  await guard.set("a", bytes);
  backend.fail("read-only");
  for (let i = 0; i < 5; i++) {
    await guard.set("b", bytes);
    assert.deepEqual(await guard.get("a"), BYTES);
  }
  assert.deepEqual(guard.state.read, "closed");
  assert.deepEqual(guard.state.write, "open");
  assert.equal(guard.counters.skippedWrites, 3);
  assert.deepEqual(changes.map(({ operation }) => operation), ["write"]);
});

Deno.test("set() frames nothing for a backend that is left alone", async () => {
  const { guard, backend } = createGuard();
  backend.fail("reject");
  for (let i = 0; i < 2; i++) await guard.set("a", bytes);
  let framed = 0;
  await guard.set("a", () => (framed++, BYTES));
  assert.equal(framed, 0);
});

Deno.test("set() says false where a value cannot be framed", async () => {
  const { guard } = createGuard();
  const unframable = () => {
    throw new RangeError("too long");
  };
  assert.equal(await guard.set("a", unframable), false);
});

Deno.test("delete() is tried even while writes are given up", async () => {
  const { guard, backend } = createGuard();
  await guard.set("a", bytes);
  backend.fail("reject");
  for (let i = 0; i < 2; i++) await guard.set("b", bytes);
  backend.fail(undefined);
  assert.equal(await guard.delete("a"), true);
  assert.equal(await guard.get("a"), undefined);
});

Deno.test("get() rejects with the caller's reason, which is no failure of the backend", async () => {
  const { guard, backend } = createGuard({ readTimeoutMs: 10_000 });
  backend.fail("hang");
  const leaving = new AbortController();
  const left = guard.get("a", leaving.signal);
  leaving.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  await assert.rejects(guard.get("a", leaving.signal), /gone/);
  assert.equal(guard.counters.readErrors, 0);
  backend.release();
});

Deno.test("get() tries again after a caller called the first try off", async () => {
  const { guard, backend, clock } = createGuard({ readTimeoutMs: 10_000 });
  backend.fail("reject");
  for (let i = 0; i < 2; i++) await guard.get("a");
  clock.now = 1000;
  backend.fail("hang");
  const leaving = new AbortController();
  const left = guard.get("a", leaving.signal);
  leaving.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  backend.release();
  backend.fail(undefined);
  await guard.get("a");
  assert.equal(guard.state.read, "closed");
});

Deno.test("keys() lists what begins with the prefix, whatever the backend lists", async () => {
  const { guard } = createGuard();
  for (const key of ["ab", "ac", "b"]) await guard.set(key, bytes);
  assert.deepEqual(await Array.fromAsync(guard.keys("a")), ["ab", "ac"]);
});

Deno.test("keys() throws where the backend hangs", async () => {
  const { guard, backend } = createGuard();
  await guard.set("a", bytes);
  backend.fail("hang");
  await assert.rejects(Array.fromAsync(guard.keys("")), { name: "TimeoutError" });
  backend.release();
});

Deno.test("close() gives up on a backend that does not close, and logs it", async () => {
  const { guard, backend, changes } = createGuard();
  backend.fail("hang");
  await guard.close();
  assert.deepEqual(changes.map(({ operation }) => operation), ["close"]);
  backend.release();
});

Deno.test("open() counts a value once, however often it is opened", async () => {
  const backend = createFailingStore();
  const guard = createGuardedStore({
    ...backend.store,
    async open(key) {
      if (key === "down") throw new Error("down");
      return await openValue();
    },
  }, OPTIONS);
  const value = await guard.open!("a", { whole: 1 });
  assert.ok(value && "size" in value);
  await guard.open!("a", { whole: 1, again: true });
  assert.deepEqual([guard.counters.hits, guard.counters.bytesRead], [1, 9]);
  for (let round = 1; round <= OPTIONS.failuresToOpen; round++) {
    assert.equal(await guard.open!("down", { whole: 1 }), undefined);
    assert.equal(guard.counters.readErrors, round);
  }
  assert.equal(guard.state.read, "open");
  assert.equal(await guard.open!("a", { whole: 1 }), undefined, "given up for a while");
  assert.equal(guard.counters.skippedReads, 1);
  assert.equal(createGuard().guard.open, undefined, "what cannot be read in parts");
});

Deno.test("open() closes what comes after its time, or after the caller has left", async () => {
  let toOpen = Promise.withResolvers<OpenValue>();
  const guard = createGuardedStore({
    ...createFailingStore().store,
    open: () => toOpen.promise,
  }, OPTIONS);
  const closed = Promise.withResolvers<void>();
  assert.equal(await guard.open!("a", { whole: 1 }), undefined);
  toOpen.resolve(await openValue(closed.resolve));
  await closed.promise;

  toOpen = Promise.withResolvers();
  const left = Promise.withResolvers<void>();
  const caller = new AbortController();
  const opening = guard.open!("a", { whole: 1, signal: caller.signal });
  // The file is open already, but nobody has been told.
  toOpen.resolve(await openValue(left.resolve));
  caller.abort(new Error("left"));
  await assert.rejects(opening, /left/);
  await left.promise;
});
