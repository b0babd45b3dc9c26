// The rules of a Config as an ImageServer: everything that a reload replaces. What outlives a reload
// (workers, caches, figures) is handed in.
import { createAuthoriser } from "./access.ts";
import type { Config } from "./config.ts";
import { matchesHost, parseHostPatterns } from "./http/host.ts";
import { createOriginFetcher, type OriginFetcher } from "./http/original.ts";
import { type ImageCache, lowerCase } from "./image_cache.ts";
import { withSamples } from "./page/sample_origin.ts";
import type { ParseRequestSettings } from "./request.ts";
import { createRequestReader } from "./request_reader.ts";
import type { ImageServer } from "./serve_image.ts";

export interface Rules {
  config: Config;
  signatureKeys: readonly Uint8Array[];
}

/** A fetcher that keeps to the rules. Throws a RangeError where a host list cannot be read. */
export function createConfiguredFetcher(config: Config): OriginFetcher {
  const baseHost = URL.parse(config.baseURL)?.hostname;
  const fetcher = createOriginFetcher({
    allowHosts: config.allowHosts.length > 0 ? config.allowHosts : undefined,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    followRedirects: config.followRedirects,
    userAgent: config.userAgent,
    maxBytes: config.maxSourceBytes,
    totalTimeout: config.fetchTimeout,
  });
  return config.page ? withSamples(fetcher) : fetcher;
}

export function createImageServer(
  { config, signatureKeys }: Rules,
  { cache, now }: { cache: Pick<ImageCache, "originals" | "results">; now: () => number },
): ImageServer {
  const allowed = config.allowHosts.length > 0 ? parseHostPatterns(config.allowHosts) : undefined;
  const denied = parseHostPatterns(config.denyHosts);
  const passedRequestHeaders = lowerCase(config.passRequestHeaders);
  return {
    read: createRequestReader(grammarOf(config)),
    authorise: createAuthoriser({
      isAllowedHost: allowed && ((hostname) => matchesHost(allowed, hostname)),
      isDeniedHost: (hostname) => matchesHost(denied, hostname),
      signatureKeys,
      signedOptionsOnly: config.signedOptionsOnly,
    }),
    originals: cache.originals,
    results: cache.results,
    heededHeaders: [
      ...["accept", "if-none-match", "if-modified-since"],
      ...(config.clientNoCache ? ["cache-control", "pragma"] : []),
      ...passedRequestHeaders,
    ],
    passedRequestHeaders,
    clientNoCache: config.clientNoCache,
    autoFormat: config.autoFormat,
    now,
  };
}

export function grammarOf(config: Config): ParseRequestSettings {
  return { baseUrl: config.baseURL || undefined, ignoreUnknown: config.ignoreUnknownOptions };
}
