// The fetcher of originals as a Config says: of the web, of the named sources, and of the page's samples.
import { type Lookup, lookupBySystem } from "../http/origin/connector.ts";
import {
  createOriginFetcher,
  type OriginFetcher,
  type OriginFetcherOptions,
} from "../http/origin/original.ts";
import { withSamples } from "../page/sample_origin.ts";
import type { Config } from "../settings/table.ts";
import { withSources } from "../sources/source_fetcher.ts";

/** What fetching needs of the world. */
export interface FetchingWorld {
  /** Reads the variables that sources take their credentials from. */
  env(name: string): string | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Tells the operator what to mend. */
  warn(message: string): void;
  /** Resolves host names; the system's resolver unless a test has its own. */
  lookup?: Lookup | undefined;
}

/** A fetcher that keeps to the rules. Throws one sentence where a host list or a source cannot be read. */
export function createConfiguredFetcher(
  config: Config,
  { env, now, warn, lookup = lookupBySystem }: FetchingWorld,
): OriginFetcher {
  const rules = rulesOf(config, lookup);
  const fetcher = withSources(createOriginFetcher(rules), {
    entries: config.source,
    context: { env, now, log: warn, rules },
  });
  return config.page ? withSamples(fetcher) : fetcher;
}

function rulesOf(config: Config, lookup: Lookup): OriginFetcherOptions {
  const baseHost = URL.parse(config.baseURL)?.hostname;
  return {
    allowHosts: config.allowHosts.length > 0 ? config.allowHosts : undefined,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    ports: config.ports,
    lookup,
    followRedirects: config.followRedirects,
    userAgent: config.userAgent,
    maxBytes: config.maxSourceBytes,
    maxHeaderBytes: config.maxHeaderBytes,
    connectTimeout: config.connectTimeout,
    firstByteTimeout: config.firstByteTimeout,
    idleTimeout: config.idleTimeout,
    totalTimeout: config.fetchTimeout,
    requestsPerHost: config.maxRequestsPerHost,
  };
}
