// What outlives a reload, and is let go in good order: workers, caches, connections to origins, figures.
import type { Store } from "../cache/drivers/store.ts";
import type { Lookup } from "../http/origin/connector.ts";
import type { TransformPool } from "../image/engine/pool.ts";
import { measuredPool } from "../ops/measured.ts";
import { createMetrics, type Metrics } from "../ops/metrics.ts";
import { readTier } from "../ops/tier_reading.ts";
import type { FetchingRules } from "../serving/configured_fetcher.ts";
import { type ImageCache, openImageCache } from "../serving/image_cache.ts";
import { createPolicyFinder } from "../serving/freshness_policies.ts";
import type { Rules } from "../serving/image_server.ts";
import { versions } from "../version.ts";
import { openPool } from "./engine_pool.ts";
import { createRenewableFetcher } from "./fetchers.ts";

export interface ResourcesOptions extends FetchingRules, Pick<Rules, "fonts"> {
  /** A part of the engine that several servers share; one of its own unless told. */
  pool?: TransformPool | undefined;
  /** Reads the variables that cache backends take their credentials from. */
  env(name: string): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Opens cache backends, where a test has its own. */
  openStore?: ((spec: string) => Promise<Store>) | undefined;
  /** Resolves host names; the system's resolver unless a test has its own. */
  lookup?: Lookup | undefined;
  /** What this server calls itself towards origins. */
  cdnId: string;
  /** Whether it is the first, or only, thread of its server. */
  leads: boolean;
  /** Told what an operator should know. */
  inform(message: string): void;
  /** Told what goes wrong. */
  warn(message: string, cause?: unknown): void;
}

export interface Resources {
  readonly metrics: Metrics;
  readonly pool: TransformPool;
  readonly cache: ImageCache;
  /** Fetches, and judges what is fresh, by new rules from now on. Throws, and changes nothing, where they cannot be read. */
  renew(rules: FetchingRules): void;
  /** Ends what waits for an origin or a worker. */
  abort(): Promise<void>;
  /** Ends everything; what waits to be written to a cache is written first. */
  close(): Promise<void>;
}

/** Rejects, and leaves nothing open, where a cache or a host list cannot be read. */
export async function openResources(
  {
    config,
    authorities,
    fonts,
    pool: lent,
    env,
    now,
    openStore,
    lookup,
    cdnId,
    leads,
    inform,
    warn,
  }: ResourcesOptions,
): Promise<Resources> {
  const fetcher = createRenewableFetcher({ config, authorities }, {
    env,
    now,
    warn,
    lookup,
    cdnId,
  });
  const pool = lent ?? openPool({ config, fonts }, { warn });
  let policyOf = createPolicyFinder(config);
  const metrics = createMetrics({
    maxHosts: config.metricsHosts,
    build: () => versions(pool.engineVersion()),
  });
  const abort = async () => {
    await Promise.all([pool.close(), fetcher.close()]);
  };
  try {
    const cache = await openImageCache({
      config,
      fetcher,
      policyOf: (url) => policyOf(url),
      pool: measuredPool(pool, metrics),
      release: versions(undefined).version,
      fonts: fonts.digest,
      context: {
        env,
        log: (message, cause) => cause === undefined ? inform(message) : warn(message, cause),
        triesWriting: true,
        isServer: leads,
      },
      openStore,
      now,
      onFetched: metrics.fetched,
      onStoreChange: ({ store, operation, available, cause }) =>
        available
          ? inform(`The ${store} cache is in use again (${operation})`)
          : warn(`The ${store} cache fails and is left alone for a while (${operation})`, cause),
      onBackgroundFailure: (error) => warn("An image could not be refreshed", error),
    });
    for (const level of cache.tiers.levels) {
      metrics.registerTier(level.name, () => readTier(level, cache.tiers.counters.queues));
    }
    return {
      metrics,
      pool,
      cache,
      renew(rules) {
        fetcher.renew(rules);
        policyOf = createPolicyFinder(rules.config);
      },
      abort,
      async close() {
        await abort();
        metrics.close();
        await cache.close();
      },
    };
  } catch (error) {
    await abort();
    metrics.close();
    throw error;
  }
}
