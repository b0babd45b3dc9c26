// The rules of a Config as an ImageServer: everything that a reload replaces. What outlives a reload
// (workers, caches, figures) is handed in.
import type { Config } from "./config.ts";
import { createTypeMatcher } from "./http/content_type.ts";
import { matchesHost, parseHostPatterns } from "./http/host.ts";
import { createOriginFetcher } from "./http/original.ts";
import type { TransformPool } from "./image/pool.ts";
import { measuredFetcher } from "./ops/measured.ts";
import type { Metrics } from "./ops/metrics.ts";
import type { ImageServer } from "./serve_image.ts";

export interface Rules {
  config: Config;
  signatureKeys: readonly Uint8Array[];
}

export interface ConfiguredServer {
  server: ImageServer;
  /** Ends all connections to origins. */
  close(): Promise<void>;
}

/** Throws a RangeError where a host list or a content type cannot be read. */
export function createImageServer(
  { config, signatureKeys }: Rules,
  { pool, metrics }: { pool: TransformPool; metrics: Metrics },
): ConfiguredServer {
  const allowed = config.allowHosts.length > 0 ? parseHostPatterns(config.allowHosts) : undefined;
  const denied = parseHostPatterns(config.denyHosts);
  const isServedType = createTypeMatcher(config.contentTypes);
  const baseHost = URL.parse(config.baseURL)?.hostname;
  const fetcher = createOriginFetcher({
    allowHosts: allowed && config.allowHosts,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    followRedirects: config.followRedirects,
    userAgent: config.userAgent,
    maxBytes: config.maxSourceBytes,
    totalTimeout: config.fetchTimeout,
  });
  return {
    server: {
      grammar: { baseUrl: config.baseURL || undefined, ignoreUnknown: config.ignoreUnknownOptions },
      access: {
        isAllowedHost: allowed && ((hostname) => matchesHost(allowed, hostname)),
        isDeniedHost: (hostname) => matchesHost(denied, hostname),
        signatureKeys,
        signedOptionsOnly: config.signedOptionsOnly,
      },
      fetcher: measuredFetcher(fetcher, metrics),
      pool,
      limits: config,
      scaleUp: config.scaleUp,
      isServedType,
      passedHeaders: config.passResponseHeaders.map((name) => name.toLowerCase()),
      now: Date.now,
    },
    close: () => fetcher.close(),
  };
}
