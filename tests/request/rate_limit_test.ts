import assert from "node:assert/strict";
import { ProxyError } from "../../src/errors.ts";
import { createRateLimit, type RateLimitOptions } from "../../src/request/rate_limit.ts";

function startLimit(options: Partial<RateLimitOptions> = {}) {
  const clock = { time: 0 };
  const limit = createRateLimit({ perMinute: 6, now: () => clock.time, ...options });
  const spend = (address: string): number | "ok" => {
    try {
      limit.spend(address);
      return "ok";
    } catch (error) {
      assert.ok(error instanceof ProxyError && error.status === 429);
      return error.retryAfter!;
    }
  };
  return {
    clock,
    spend,
    times: (n: number, of: string) => Array.from({ length: n }, () => spend(of)),
  };
}

Deno.test("a rate limit grants a minute's worth at once and the rest as time goes by", () => {
  const { clock, spend, times } = startLimit();
  assert.deepEqual(times(7, "192.0.2.1"), ["ok", "ok", "ok", "ok", "ok", "ok", 10]);
  clock.time = 9_000;
  assert.equal(spend("192.0.2.1"), 1);
  clock.time = 10_000;
  assert.deepEqual(times(2, "192.0.2.1"), ["ok", 10]);
  clock.time = 3_600_000;
  assert.deepEqual(times(7, "192.0.2.1"), ["ok", "ok", "ok", "ok", "ok", "ok", 10]);
});

Deno.test("a rate limit counts IPv4 addresses and IPv6 networks of 64 bits, each for itself", () => {
  const rows = [
    ["192.0.2.1", "192.0.2.2", false],
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.2", false],
    ["2001:db8::1", "2001:db8::ffff:0:0:1", true],
    ["2001:db8::1", "2001:db8:0:1::1", false],
    ["2001:db8::1", "unix", false],
  ] as const;
  for (const [first, second, shared] of rows) {
    const { spend } = startLimit({ perMinute: 1 });
    assert.equal(spend(first), "ok");
    assert.equal(spend(second), shared ? 60 : "ok", `${first} and ${second}`);
  }
});

Deno.test("a rate limit keeps no more clients than it may, and forgets the one that asked least recently", () => {
  const { spend } = startLimit({ perMinute: 1, maxClients: 3 });
  for (const client of ["a", "b", "c"]) assert.equal(spend(client), "ok");
  assert.notEqual(spend("a"), "ok");
  assert.equal(spend("d"), "ok");
  assert.notEqual(spend("a"), "ok");
  assert.equal(spend("b"), "ok");
});
