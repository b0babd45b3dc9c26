import assert from "node:assert/strict";
import { createSingleFlight, type Flight } from "../../src/cache/single_flight.ts";

// Work that ends when the test says so.
function createWork() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const flights: Flight[] = [];
  const work = (flight: Flight) => {
    flights.push(flight);
    return promise;
  };
  return { work, flights, resolve, reject };
}

Deno.test("run() does the work of 500 simultaneous callers once", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, resolve } = createWork();
  const callers = Array.from({ length: 500 }, () => flights.run("a", work));
  assert.equal(taken.length, 1);
  assert.equal(flights.size, 1);
  resolve("done");
  assert.deepEqual(new Set(await Promise.all(callers)), new Set(["done"]));
  assert.equal(flights.size, 0);
});

Deno.test("run() keeps keys apart", async () => {
  const flights = createSingleFlight<string>();
  const values = ["a", "b"].map((key) => flights.run(key, () => Promise.resolve(key)));
  assert.deepEqual(await Promise.all(values), ["a", "b"]);
});

Deno.test("run() remembers no value", async () => {
  const flights = createSingleFlight<number>();
  let times = 0;
  const work = () => Promise.resolve(++times);
  assert.equal(await flights.run("a", work), 1);
  assert.equal(await flights.run("a", work), 2);
});

Deno.test("run() tells every waiter of a failure and remembers none", async () => {
  const flights = createSingleFlight<string>();
  const { work, reject } = createWork();
  const callers = [flights.run("a", work), flights.run("a", work)];
  reject(new Error("broken"));
  for (const caller of callers) await assert.rejects(caller, /broken/);
  assert.equal(await flights.run("a", () => Promise.resolve("well")), "well");
});

Deno.test("run() turns what the work throws at once into a rejection", async () => {
  const flights = createSingleFlight<string>();
  const broken = flights.run("a", () => {
    throw new Error("at once");
  });
  await assert.rejects(broken, /at once/);
  assert.equal(flights.size, 0);
});

Deno.test("run() lets one caller leave without a word to the rest", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, resolve } = createWork();
  const leaving = new AbortController();
  const first = flights.run("a", work, { signal: leaving.signal });
  const second = flights.run("a", work);
  leaving.abort(new Error("gone"));
  await assert.rejects(first, /gone/);
  assert.equal(taken[0]?.signal.aborted, false);
  resolve("done");
  assert.equal(await second, "done");
});

Deno.test("run() cancels work that has not started when the last caller leaves", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, resolve } = createWork();
  const leaving = new AbortController();
  const callers = [1, 2].map(() => flights.run("a", work, { signal: leaving.signal }));
  leaving.abort(new Error("gone"));
  for (const caller of callers) await assert.rejects(caller, /gone/);
  assert.equal(taken[0]?.signal.aborted, true);
  assert.equal(flights.size, 0);
  assert.throws(() => taken[0]?.started(), { name: "AbortError" });
  resolve("too late");
});

Deno.test("run() takes off anew after a cancellation, and the old flight's end is no end of it", async () => {
  const flights = createSingleFlight<string>();
  const old = createWork();
  const leaving = new AbortController();
  const left = flights.run("a", old.work, { signal: leaving.signal });
  leaving.abort(new Error("gone"));
  await assert.rejects(left, /gone/);

  const fresh = createWork();
  const caller = flights.run("a", fresh.work);
  old.resolve("old");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(flights.size, 1);
  const joined = flights.run("a", fresh.work);
  fresh.resolve("new");
  assert.deepEqual(await Promise.all([caller, joined]), ["new", "new"]);
  assert.equal(fresh.flights.length, 1);
});

Deno.test("run() finishes work that has started, and lets later callers join it", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, resolve } = createWork();
  const leaving = new AbortController();
  const left = flights.run("a", work, { signal: leaving.signal });
  taken[0]?.started();
  leaving.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  assert.equal(taken[0]?.signal.aborted, false);
  const later = flights.run("a", work);
  assert.equal(taken.length, 1);
  resolve("done");
  assert.equal(await later, "done");
});

Deno.test("run() leaves no rejection unhandled when started work fails with nobody waiting", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, reject } = createWork();
  const leaving = new AbortController();
  const left = flights.run("a", work, { signal: leaving.signal });
  taken[0]?.started();
  leaving.abort(new Error("gone"));
  await assert.rejects(left, /gone/);
  reject(new Error("unheard"));
  // An unhandled rejection would fail this test.
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(flights.size, 0);
});

Deno.test("run() does nothing for a caller that has left already", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken } = createWork();
  const signal = AbortSignal.abort(new Error("gone"));
  await assert.rejects(flights.run("a", work, { signal }), /gone/);
  assert.equal(taken.length, 0);
});

Deno.test("run() leaves no listener on a signal that outlives the flight", async () => {
  const flights = createSingleFlight<string>();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (
    ...args: Parameters<typeof remove>
  ) => (listeners--, remove(...args));
  for (let i = 0; i < 10; i++) await flights.run("a", () => Promise.resolve("x"), { signal });
  assert.equal(listeners, 0);
});

Deno.test("run() serves 500 callers of whom every other leaves", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, resolve } = createWork();
  const leaving = Array.from({ length: 500 }, () => new AbortController());
  const callers = leaving.map(({ signal }) => flights.run("a", work, { signal }));
  const outcomes = Promise.allSettled(callers);
  for (const [index, controller] of leaving.entries()) if (index % 2) controller.abort();
  resolve("done");
  const served = (await outcomes).filter(({ status }) => status === "fulfilled");
  assert.equal(served.length, 250);
  assert.equal(taken.length, 1);
});

Deno.test("run() gives what is announced to those who take it, and the end to the others", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, resolve, reject } = createWork();
  const waits = flights.run("a", work);
  const takes = flights.run("a", work, { takesAnnounced: true });
  taken[0]!.started();
  taken[0]!.announce(() => "early");
  assert.equal(await takes, "early");
  assert.equal(await flights.run("a", work, { takesAnnounced: true }), "early");
  assert.equal(flights.size, 1);
  resolve("done");
  assert.equal(await waits, "done");
  reject(new Error("unused"));
  const other = createWork();
  const taker = flights.run("a", other.work, { takesAnnounced: true });
  assert.equal(other.flights.length, 1, "what was announced is forgotten with its flight");
  other.resolve("later");
  assert.equal(await taker, "later");
});

Deno.test("a failure after an announcement is told to those who wait, and to nobody else", async () => {
  const flights = createSingleFlight<string>();
  const { work, flights: taken, reject } = createWork();
  const takes = flights.run("a", work, { takesAnnounced: true });
  taken[0]!.started();
  taken[0]!.announce(() => "early");
  assert.equal(await takes, "early");
  reject(new Error("broken"));
  await flights.idle();
  assert.equal(flights.size, 0);
});

Deno.test("idle() waits for work that nobody waits for", async () => {
  const flights = createSingleFlight<string>();
  const { work, resolve } = createWork();
  const abort = new AbortController();
  const left = assert.rejects(flights.run("a", work, abort));
  abort.abort();
  await left;
  let isIdle = false;
  const idle = flights.idle().then(() => isIdle = true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isIdle, false);
  resolve("done");
  await idle;
  await flights.idle();
});
