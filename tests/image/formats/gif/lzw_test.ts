import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeLzw, encodeLzw } from "../../../../src/image/formats/gif/lzw.ts";

const pictures = fc.integer({ min: 2, max: 8 }).chain((codeSize) =>
  fc.tuple(
    fc.constant(codeSize),
    fc.uint8Array({ min: 0, max: 2 ** codeSize - 1, minLength: 1, maxLength: 3000 }),
    fc.integer({ min: 1, max: 30 }),
  )
);

Deno.test("decodeLzw() takes back what encodeLzw() did, at every code size", () => {
  fc.assert(
    fc.property(pictures, ([codeSize, indices, repeats]) => {
      const long = new Uint8Array(indices.length * repeats);
      for (let at = 0; at < long.length; at += indices.length) long.set(indices, at);
      const out = new Uint8Array(long.length);
      assert.equal(decodeLzw(encodeLzw(long, codeSize), codeSize, out), long.length);
      assert.deepEqual(out, long);
    }),
    { numRuns: 60, seed: 1 },
  );
});

Deno.test("decodeLzw() survives any bytes and never writes more than there is room for", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 500 }),
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 0, max: 2000 }),
      (data, codeSize, room) => {
        const out = new Uint8Array(room);
        const count = decodeLzw(data, codeSize, out);
        assert.ok(count >= 0 && count <= room);
      },
    ),
    { numRuns: 300, seed: 2 },
  );
});

Deno.test("encodeLzw() makes flat pictures small and noise not much larger", () => {
  assert.ok(encodeLzw(new Uint8Array(100_000), 2).length < 600);
  const noise = Uint8Array.from({ length: 50_000 }, (_, i) => (Math.imul(i, 2654435761) >>> 24));
  assert.ok(encodeLzw(noise, 8).length < noise.length * 1.5);
});
