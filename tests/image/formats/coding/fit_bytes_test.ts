import assert from "node:assert/strict";
import { fitBytes } from "../../../../src/image/formats/coding/fit_bytes.ts";

/** An encoder of ten bytes for each step of quality, which takes a second, and what it was asked for. */
function encoder() {
  const tried: number[] = [];
  return {
    tried,
    now: () => tried.length * 1000,
    write(quality: number) {
      tried.push(quality);
      return new Uint8Array(quality * 10);
    },
  };
}

const RANGE = { best: 95, lowest: 1 };

Deno.test("fitBytes() finds the highest quality that fits, in eight tries at most", async () => {
  for (
    const [maxBytes, length] of [[950, 950], [949, 940], [500, 500], [15, 10], [10, 10]] as const
  ) {
    const { write, tried, now } = encoder();
    assert.equal((await fitBytes(write, { ...RANGE, maxBytes, now })).length, length);
    assert.ok(tried.length <= 8, tried.join());
  }
});

Deno.test("fitBytes() says how many bytes the lowest quality takes where not even that fits", async () => {
  const { write, now } = encoder();
  await assert.rejects(fitBytes(write, { ...RANGE, maxBytes: 9, now }), {
    code: "too_large",
    message: /^The image does not fit into 9 bytes: at the lowest quality it takes 10\. /,
  });
});

Deno.test("fitBytes() begins no try that would not end in time, and gives the best so far", async () => {
  const { write, tried, now } = encoder();
  const fitting = await fitBytes(write, { ...RANGE, maxBytes: 700, deadline: 3500, now });
  assert.deepEqual(tried, [95, 47, 71]);
  assert.equal(fitting.length, 470);
});

Deno.test("fitBytes() says so where the time did not suffice to find any", async () => {
  const { write, tried, now } = encoder();
  await assert.rejects(fitBytes(write, { ...RANGE, maxBytes: 100, deadline: 2999, now }), {
    code: "too_large",
    message: /^The time does not suffice to fit the image into 100 bytes: it has 470 so far\. /,
  });
  assert.deepEqual(tried, [95, 47]);
});
