import assert from "node:assert/strict";
import { createCircuitBreaker } from "../../src/cache/circuit_breaker.ts";

function createBreaker() {
  const clock = { now: 0 };
  const changes: boolean[] = [];
  const breaker = createCircuitBreaker({
    failuresToOpen: 3,
    retryAfterMs: 1000,
    now: () => clock.now,
    onChange: (available) => changes.push(available),
  });
  const fail = (times: number) => {
    for (let i = 0; i < times; i++) breaker.admit()?.failed(new Error("down"));
  };
  return { breaker, clock, changes, fail };
}

Deno.test("admit() lets everything through until failures come in a row", () => {
  const { breaker, changes, fail } = createBreaker();
  fail(2);
  breaker.admit()?.succeeded();
  fail(2);
  assert.equal(breaker.state, "closed");
  fail(1);
  assert.equal(breaker.state, "open");
  assert.equal(breaker.admit(), undefined);
  assert.deepEqual(changes, [false]);
});

Deno.test("admit() lets one probe through after the pause", () => {
  const { breaker, clock, fail } = createBreaker();
  fail(3);
  clock.now = 999;
  assert.equal(breaker.ready, false);
  assert.equal(breaker.admit(), undefined);
  clock.now = 1000;
  assert.equal(breaker.ready, true);
  assert.notEqual(breaker.admit(), undefined);
  assert.equal(breaker.state, "half-open");
  assert.equal(breaker.ready, false);
  assert.equal(breaker.admit(), undefined);
});

Deno.test("admit() closes after a probe that succeeded and tells of it once", () => {
  const { breaker, clock, changes, fail } = createBreaker();
  fail(3);
  clock.now = 1000;
  breaker.admit()?.succeeded();
  assert.equal(breaker.state, "closed");
  assert.deepEqual(changes, [false, true]);
  fail(2);
  assert.equal(breaker.state, "closed");
});

Deno.test("admit() pauses again after a probe that failed and says nothing new", () => {
  const { breaker, clock, changes, fail } = createBreaker();
  fail(3);
  clock.now = 1000;
  fail(1);
  assert.equal(breaker.state, "open");
  clock.now = 1999;
  assert.equal(breaker.admit(), undefined);
  clock.now = 2000;
  assert.notEqual(breaker.admit(), undefined);
  assert.deepEqual(changes, [false]);
});

Deno.test("admit() lets another probe through when one was called off", () => {
  const { breaker, clock, fail } = createBreaker();
  fail(3);
  clock.now = 1000;
  breaker.admit()?.abandoned();
  assert.notEqual(breaker.admit(), undefined);
});

Deno.test("admit() ignores how operations from before the change ended", () => {
  const { breaker, clock, changes, fail } = createBreaker();
  const [slow, slower] = [breaker.admit(), breaker.admit()];
  fail(3);
  slow?.succeeded();
  assert.equal(breaker.state, "open");
  clock.now = 1000;
  breaker.admit()?.succeeded();
  fail(2);
  slower?.failed(new Error("old news"));
  assert.equal(breaker.state, "closed");
  assert.deepEqual(changes, [false, true]);
});

Deno.test("reset() takes the backend up at once, and tells of it once", () => {
  const { breaker, clock, changes, fail } = createBreaker();
  breaker.reset();
  assert.deepEqual(changes, []);
  fail(3);
  breaker.reset();
  breaker.reset();
  assert.equal(breaker.state, "closed");
  assert.deepEqual(changes, [false, true]);
  fail(3);
  clock.now = 1000;
  const probe = breaker.admit();
  breaker.reset();
  probe?.failed(new Error("of before"));
  assert.equal(breaker.state, "closed");
});
