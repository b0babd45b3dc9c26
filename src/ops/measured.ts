// The parts that do the work, with a meter on each: what a request caused counts once, however many
// requests waited for it.
import { ProxyError } from "../errors.ts";
import type { OriginFetcher } from "../http/original.ts";
import type { TransformPool } from "../image/pool.ts";
import type { Metrics } from "./metrics.ts";

/** A fetcher whose every whole fetch is counted under the host it was asked for. */
export function measuredFetcher(fetcher: OriginFetcher, metrics: Metrics): OriginFetcher {
  return {
    ...fetcher,
    async fetchOriginal(url, request) {
      const start = performance.now();
      let bytes: number | undefined;
      try {
        const original = await fetcher.fetchOriginal(url, request);
        bytes = original.body.byteLength;
        return original;
      } finally {
        const host = URL.parse(String(url))?.hostname ?? "";
        metrics.fetched(host, { milliseconds: performance.now() - start, bytes });
      }
    },
  };
}

/** A pool whose transforms are timed and whose failures are counted by their code. */
export function measuredPool(pool: TransformPool, metrics: Metrics): TransformPool {
  metrics.registerPool(pool.stats);
  return {
    ...pool,
    async transform(job, signal) {
      try {
        const image = await pool.transform(job, signal);
        metrics.transformed(image.timings);
        return image;
      } catch (error) {
        metrics.transformFailed(error instanceof ProxyError ? error.code : "internal");
        throw error;
      }
    },
  };
}
