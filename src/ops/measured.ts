// The pool with a meter on it: what a request caused counts once, however many requests waited for it.
import { ProxyError } from "../errors.ts";
import type { TransformPool } from "../image/engine/pool.ts";
import type { Metrics } from "./metrics.ts";

/** A pool whose transforms are timed and whose failures are counted by their code. */
export function measuredPool(pool: TransformPool, metrics: Metrics): TransformPool {
  // Of several servers that share an engine one shows it.
  if (pool.stats) metrics.registerPool(pool.stats);
  return {
    ...pool,
    async transform(job, options) {
      try {
        const image = await pool.transform(job, options);
        metrics.transformed(image.timings);
        return image;
      } catch (error) {
        metrics.transformFailed(error instanceof ProxyError ? error.code : "internal");
        throw error;
      }
    },
  };
}
