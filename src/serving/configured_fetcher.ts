// The fetcher of originals as a Config says: of the web, of the named sources, and of the page's samples.
import { type Lookup, lookupBySystem } from "../http/origin/connector.ts";
import type { FetchLimits } from "../http/origin/fetch_limits.ts";
import { createHttpProxy } from "../http/origin/http_proxy.ts";
import type { RuleFinder } from "../http/origin/origin_rule.ts";
import {
  createOriginFetcher,
  type OriginFetcher,
  type OriginFetcherOptions,
} from "../http/origin/original.ts";
import { withSamples } from "../page/sample_origin.ts";
import { fallbackPictures } from "./fallback.ts";
import { filesAmong, urlsAmong, withOperatorPictures } from "./operator_pictures.ts";
import { overlayPictures } from "./overlays.ts";
import { createRuleFinder, type OriginSettings } from "../settings/origin_rules.ts";
import type { Config } from "../settings/table.ts";
import { withSources } from "../sources/source_fetcher.ts";

/** What fetching goes by. */
export interface FetchingRules {
  config: Config;
  /** Certificates in PEM of authorities that are trusted besides those of Deno. */
  authorities: readonly string[];
}

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
  /** What this server calls itself towards origins; undefined where nothing is served. */
  cdnId?: string | undefined;
}

/** A fetcher that keeps to the rules. Throws one sentence where a host list or a source cannot be read. */
export function createConfiguredFetcher(
  { config, authorities }: FetchingRules,
  { env, now, warn, lookup = lookupBySystem, cdnId }: FetchingWorld,
): OriginFetcher {
  const rules = { ...rulesOf(config, lookup), cdnId, ca: authorities };
  const fetcher = withSources(createWebFetcher(rules, urlsAmong(namedPictures(config))), {
    entries: config.source,
    files: filesAmong(namedPictures(config)),
    context: { env, now, log: warn, rules },
  });
  return config.page ? withSamples(fetcher) : fetcher;
}

/** The pictures of these URLs may be at addresses that are not public: the operator named them. */
function createWebFetcher(rules: OriginFetcherOptions, named: readonly string[]): OriginFetcher {
  const fetcher = createOriginFetcher(rules);
  if (named.length === 0) return fetcher;
  const hosts = named.map((url) => new URL(url).hostname);
  const exemptHosts = [...rules.exemptHosts ?? [], ...hosts];
  const own = createOriginFetcher({ ...rules, exemptHosts });
  return withOperatorPictures(fetcher, { urls: new Set(named), own });
}

function rulesOf(config: Config, lookup: Lookup): OriginFetcherOptions {
  const baseHost = URL.parse(config.baseURL)?.hostname;
  return {
    allowHosts: config.allowHosts.length > 0 ? config.allowHosts : undefined,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    ports: config.ports,
    proxy: config.proxy ? createHttpProxy(config.proxy, { direct: config.noProxy }) : undefined,
    ruleFor: ruleFinderOf(config),
    lookup,
    followRedirects: config.followRedirects,
    userAgent: config.userAgent,
    accept: config.contentTypes.join(", "),
    maxHeaderBytes: config.maxHeaderBytes,
    ...limitsOf(config),
  };
}

/** All pictures that the operator has named. */
function namedPictures(config: Config): string[] {
  return [...fallbackPictures(config), ...overlayPictures(config)];
}

function ruleFinderOf({ origins }: Config): RuleFinder {
  const settingsOf = createRuleFinder(origins);
  return (place) => {
    const settings = settingsOf(place);
    if (settings === undefined) return undefined;
    const { headers, userAgent } = settings;
    return { headers, userAgent, limits: limitsOf(settings) };
  };
}

/** The fetcher's names for the limits that can be set for all origins and for some. */
const LIMITS = {
  maxSourceBytes: "maxBytes",
  connectTimeout: "connectTimeout",
  firstByteTimeout: "firstByteTimeout",
  idleTimeout: "idleTimeout",
  fetchTimeout: "totalTimeout",
  maxRequestsPerHost: "requestsPerHost",
} as const satisfies Partial<Record<keyof OriginSettings & keyof Config, keyof FetchLimits>>;

function limitsOf(settings: Pick<OriginSettings, keyof typeof LIMITS>): Partial<FetchLimits> {
  const names = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  const given = names.filter((name) => settings[name] !== undefined);
  return Object.fromEntries(given.map((name) => [LIMITS[name], settings[name]]));
}
