import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { failureOf, job, withPool } from "../../testing/pools.ts";

const JPEG = writeByEngine(photo(2600, 2000), "JPEG");
const PNG = writeByEngine(photo(2600, 2000, { channels: 4 }), "PNG");

// Decoded by code of our own, whose memory is not the engine's: what fails is what comes then.
for (const [name, bytes] of Object.entries({ JPEG, PNG })) {
  for (const options of ["trim,png,x", "r90,png,x", "2600x", "blur:20,2500x", "sc,1000x1900"]) {
    Deno.test(`decode() does not say of a ${name} that memory does not suffice to change (${options}) that it cannot be decoded`, async () => {
      await withPool({ workerMemoryCeiling: 20e6 }, async (pool) => {
        const failure = await failureOf(pool.transform(job(options, bytes)));
        assert.equal(failure.status, 413);
        assert.equal(
          failure.message,
          "The image can be decoded, but not transformed as asked. Ask for a smaller size or fewer options",
        );
        assert.ok(failure.cause);
        assert.equal((await pool.transform(job("2x"))).width, 2);
      });
    });
  }
}

Deno.test("decode() says of what its format's decoder refuses that it cannot be decoded", async () => {
  await withPool({}, async (pool) => {
    for (const format of ["AVIF", "JXL"] as const) {
      const bytes = writeByEngine(photo(300, 200), format);
      bytes.fill(0x5a, bytes.length >> 1);
      const failure = await failureOf(pool.transform(job("r90,20x", bytes)));
      assert.ok(failure instanceof ProxyError);
      assert.deepEqual(
        [failure.status, failure.message],
        [422, "The image cannot be decoded"],
        format,
      );
    }
  });
});
