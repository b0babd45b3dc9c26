// How long pictures are fresh, as a Config says for all of them and for some places alone.
import type { FreshnessPolicy } from "../http/freshness.ts";
import { placeOf } from "../http/place.ts";
import { createRuleFinder } from "../settings/origin_rules.ts";
import type { Config } from "../settings/table.ts";
import { lifetimeOfSource, parseNamedSource } from "../sources/named_source.ts";

/** The policy for what is asked for under a remote URL. */
export type PolicyFinder = (remoteUrl: string) => FreshnessPolicy;

export function createPolicyFinder(config: Config): PolicyFinder {
  const ruleOf = createRuleFinder(config.origins);
  const sources = new Map(
    config.source.map((entry) => [`${parseNamedSource(entry).name}:`, lifetimeOfSource(entry)]),
  );
  const usual = policyOf(config);
  return (remoteUrl) => {
    const place = placeOf(remoteUrl);
    const { defaultCacheDuration: implied = sources.get(place), minCacheDuration: least } =
      ruleOf(place) ?? {};
    return {
      ...usual,
      // What the operator says of one place outranks what Last-Modified lets guess.
      ...(implied === undefined
        ? {}
        : { defaultLifetime: implied / 1000, heuristicCap: undefined }),
      ...(least === undefined ? {} : { minLifetime: least / 1000 }),
    };
  };
}

function policyOf(config: Config): FreshnessPolicy {
  return {
    defaultLifetime: config.defaultCacheDuration / 1000,
    heuristicCap: config.heuristicCacheDuration / 1000,
    minLifetime: config.minCacheDuration / 1000,
    notFoundLifetime: config.notFoundCacheDuration / 1000,
    serverErrorLifetime: config.errorCacheDuration / 1000,
    staleWhileRevalidate: config.staleWhileRevalidate / 1000,
    staleIfError: config.staleIfError / 1000,
    forceCache: config.forceCache,
  };
}
