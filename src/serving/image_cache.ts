// The cached halves of an image server, originals and results, put together as a Config says.
import type { StreamedBody } from "../http/body.ts";
import type { StoreContext } from "../cache/backends.ts";
import type { StoreChange } from "../cache/guarded_store.ts";
import { urlPrefix } from "../cache/key.ts";
import { type OpenCache, openCache } from "../cache/open_cache.ts";
import type { Store } from "../cache/drivers/store.ts";
import type { Removal } from "../cache/removal.ts";
import { type CachedResponse, createCodec, createPresenter } from "./cached_response.ts";
import type { Config } from "../settings/table.ts";
import { encodingOf } from "../image/formats/encoding.ts";
import { createTypeMatcher } from "../http/content_type.ts";
import { createByteBudget } from "../http/origin/byte_budget.ts";
import type { OriginFetcher } from "../http/origin/original.ts";
import { FORMATS } from "../image/formats/table.ts";
import { limitsOf } from "../image/plan/job.ts";
import type { TransformPool } from "../image/engine/pool.ts";
import { type AskingOptions, createAsk, isOpen } from "./asking.ts";
import type { PolicyFinder } from "./freshness_policies.ts";
import { createOriginals, type Originals } from "./originals.ts";
import { createResults, type Results } from "./results.ts";
import { createShelf } from "./shelf.ts";

export interface ImageCacheOptions {
  config: Config;
  fetcher: OriginFetcher;
  policyOf: PolicyFinder;
  pool: TransformPool;
  /** Results made by another release are not used. */
  release: string;
  /** Results made with other fonts of the operator are not used. */
  fonts: string;
  context: StoreContext;
  openStore?: ((spec: string, context: StoreContext) => Promise<Store>) | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  onStoreChange(change: StoreChange): void;
  onBackgroundFailure(error: unknown): void;
  onFetched: NonNullable<AskingOptions["onFetched"]>;
}

export interface ImageCache {
  originals: Originals;
  results: Results;
  /** What is behind both, for figures. */
  tiers: OpenCache<CachedResponse, CachedResponse<StreamedBody>>;
  /** Removes the original of a URL and everything made from it from all caches, other servers' among them. */
  purge(url: string): Promise<Removal>;
  /** Writes what waits to be written, and lets go of the backends. */
  close(): Promise<void>;
}

/** Opens the caches. Throws one sentence for a -cache value that cannot be right. */
export async function openImageCache(options: ImageCacheOptions): Promise<ImageCache> {
  const { config, fetcher, policyOf, pool, release, context, now, onFetched } = options;
  const isListedType = createTypeMatcher(config.contentTypes);
  const present = createPresenter({
    policyOf,
    passedHeaders: lowerCase(config.passResponseHeaders),
    passedRequestHeaders: passedRequestHeaders(config),
    isServedType: (type) =>
      isListedType(type) && (config.svg !== "refuse" || type !== FORMATS.svg.mediaType),
  });
  const tiers = await openCache({
    specs: config.cache,
    codec: createCodec({ present, now }),
    readTimeoutMs: config.cacheTimeout,
    writeTimeoutMs: 5 * config.cacheTimeout,
    maxQueueBytes: config.cacheQueue,
    context,
    openStore: options.openStore,
    log: options.onStoreChange,
  });
  const shelf = createShelf({
    cache: tiers,
    isOpen: (meta, { signed }) => isOpen(meta, { signed, mayFetch: fetcher.mayFetch }),
    now,
    onBackgroundFailure: options.onBackgroundFailure,
  });
  tiers.follow(shelf.forget);
  const originals = createOriginals({
    shelf,
    ask: createAsk({
      fetcher,
      arrivals: createByteBudget(config.maxBytesInFlight),
      onFetched,
      now,
    }),
    policyOf,
    present,
    now,
  });
  const results = createResults({
    shelf,
    originals,
    pool,
    limits: limitsOf(config),
    encoding: encodingOf(config),
    scaleUp: config.scaleUp,
    strict: config.strict,
    svg: config.svg,
    release,
    fonts: options.fonts,
    policyOf,
    present,
    now,
  });
  return {
    originals,
    results,
    tiers,
    purge(url) {
      const prefix = urlPrefix(url);
      shelf.forget(prefix);
      return tiers.removeEverywhere(prefix);
    },
    async close() {
      // What went to its clients while it arrived may still be on its way to the tiers.
      await shelf.idle();
      await tiers.close();
    },
  };
}

/** Lower-case names of the clients' headers that origins see. */
export function passedRequestHeaders(config: Config): string[] {
  const names = lowerCase([
    ...config.passRequestHeaders,
    ...(config.includeReferer ? ["Referer"] : []),
  ]);
  // Where it holds the server's own token, it is nothing that an origin should see.
  return config.bearerToken ? names.filter((name) => name !== "authorization") : names;
}

function lowerCase(names: readonly string[]): string[] {
  return names.map((name) => name.toLowerCase());
}
