// What one of several servers of a process may use: limits are those of the process, so each gets a share.
import { MEMORY_MB } from "../cache/backends.ts";
import type { Config } from "./table.ts";

const DIVIDED = [
  ...["maxBytesInFlight", "cacheQueue", "maxRequestsPerHost", "rateLimit"] as const,
];

/** The settings of each of `count` servers; 0, which means none or no limit, stays 0. */
export function shareOf(config: Config, count: number): Config {
  const shares = DIVIDED.map((name) => [name, Math.ceil(config[name] / count)]);
  const cache = config.cache.map((spec) =>
    spec.replace(
      /^((?:\w+=)?memory)(?::(\d*))?(?=:|$)/i,
      (_, kind, megabytes) =>
        `${kind}:${Math.max(1, Math.floor(Number(megabytes || MEMORY_MB) / count))}`,
    )
  );
  return { ...config, ...Object.fromEntries(shares), cache };
}
