// How much work one client may cause: a bucket of tokens per address, spent on what no cache can answer.
import { ProxyError } from "../errors.ts";
import { embeddedAddresses, parseAddress } from "../http/address.ts";

export interface RateLimitOptions {
  /** Tokens that come back in a minute, and that a bucket holds. */
  perMinute: number;
  /** Clients kept in mind; beyond them the one that asked least recently is forgotten. */
  maxClients?: number;
  /** Milliseconds, from any start, that only grow. */
  now(): number;
}

export interface RateLimit {
  /** Spends a token of the client's; throws a ProxyError "too_many_requests" where none is left. */
  spend(address: string): void;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

export function createRateLimit(
  { perMinute, maxClients = 50_000, now }: RateLimitOptions,
): RateLimit {
  /** In the order of use, least recent first. */
  const buckets = new Map<string, Bucket>();
  const perMillisecond = perMinute / 60_000;

  return {
    spend(address) {
      const client = networkOf(address);
      const time = now();
      const { tokens, filledAt } = buckets.get(client) ?? { tokens: perMinute, filledAt: time };
      const full = Math.min(perMinute, tokens + (time - filledAt) * perMillisecond);
      const left = full >= 1 ? full - 1 : full;
      buckets.delete(client);
      buckets.set(client, { tokens: left, filledAt: time });
      if (buckets.size > maxClients) buckets.delete(buckets.keys().next().value!);
      if (full < 1) {
        const seconds = Math.ceil((1 - full) / perMillisecond / 1000);
        throw new ProxyError(
          "too_many_requests",
          "Too many images were asked for; try again later",
          {
            retryAfter: seconds,
          },
        );
      }
    },
  };
}

/** An IPv4 address, or the /64 of an IPv6 one: the least that a network gives to one customer (RFC 6177). */
export function networkOf(address: string): string {
  const bytes = parseAddress(address);
  if (bytes?.length !== 16) return address;
  const [mapped] = /^::ffff:/i.test(address) ? embeddedAddresses(address) : [];
  return mapped ?? bytes.slice(0, 8).join(".");
}
