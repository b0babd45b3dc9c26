// The fetcher of originals under rules that may change: requests under way end by the rules they began with.
import type { OriginFetcher } from "../http/origin/original.ts";
import {
  createConfiguredFetcher,
  type FetchingRules,
  type FetchingWorld,
} from "../serving/configured_fetcher.ts";

/** Once a fetch may take no longer, how many milliseconds its last bytes may. */
const LAST_BYTES_MS = 1000;

export interface RenewableFetcher extends OriginFetcher {
  /** Fetches by new rules from now on. Throws, and changes nothing, where a host list or a source cannot be read. */
  renew(rules: FetchingRules): void;
}

/** Throws one sentence where a host list or a source cannot be read. */
export function createRenewableFetcher(
  rules: FetchingRules,
  world: FetchingWorld,
): RenewableFetcher {
  let current = createConfiguredFetcher(rules, world);
  const retired = new Map<OriginFetcher, ReturnType<typeof setTimeout>>();

  return {
    fetchOriginal: (url, request) => current.fetchOriginal(url, request),
    streamOriginal: (url, request) => current.streamOriginal(url, request),
    mayFetch: (url, request) => current.mayFetch(url, request),
    renew(rules) {
      const successor = createConfiguredFetcher(rules, world);
      const predecessor = current;
      current = successor;
      // Nothing that the old one has begun can take longer than its own limit.
      const timer = setTimeout(() => {
        retired.delete(predecessor);
        void predecessor.close();
      }, rules.config.fetchTimeout + LAST_BYTES_MS);
      retired.set(predecessor, timer);
    },
    async close() {
      for (const timer of retired.values()) clearTimeout(timer);
      await Promise.all([current, ...retired.keys()].map((each) => each.close()));
      retired.clear();
    },
  };
}
