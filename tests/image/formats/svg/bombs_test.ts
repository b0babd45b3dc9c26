import assert from "node:assert/strict";
import { job, withPool } from "../../../testing/pools.ts";
import { svg, SVG_BOMBS } from "../../../testing/svg_bombs.ts";

for (const [name, bytes] of Object.entries(SVG_BOMBS)) {
  Deno.test(`a drawing with ${name} ends in time, and the next one is drawn`, async () => {
    await withPool({ timeoutMs: 3000 }, async (pool) => {
      const end = await pool.transform(job("100x,png", bytes)).then(
        () => "drawn",
        (error) => error,
      );
      if (end !== "drawn") assert.match(end.code, /^(?:timeout|undecodable|too_large)$/);
      const next = await pool.transform(job("png", svg("<path/>")));
      assert.equal(next.width, 1000);
    });
  });
}
