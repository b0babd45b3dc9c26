// How much a fetch may cost in bytes, time and connections.

/** The limits of a fetch; times are in milliseconds. */
export const DEFAULT_LIMITS = {
  /** Bytes of a body, as transferred and as decoded. */
  maxBytes: 32 * 1024 * 1024,
  /** Bytes of the names and values of response headers. */
  maxHeaderBytes: 16 * 1024,
  maxRedirects: 10,
  /** Resolving the name, dialling and the TLS handshake. */
  connectTimeout: 5_000,
  /** From the request sent to the end of the response headers. */
  firstByteTimeout: 15_000,
  /** Between two pieces of the body. */
  idleTimeout: 10_000,
  /** Everything: waiting for a connection, redirects and body. */
  totalTimeout: 30_000,
  /** Requests in flight to one host. */
  requestsPerHost: 32,
  /** Requests that wait for one host; more are answered busy. */
  waitingPerHost: 256,
} as const;

export type FetchLimits = { -readonly [Name in keyof typeof DEFAULT_LIMITS]: number };

/** The limits, those that are not given as they are by default. */
export function withDefaults(options: Partial<FetchLimits>): FetchLimits {
  const names = Object.keys(DEFAULT_LIMITS) as (keyof FetchLimits)[];
  const entries = names.map((name) => [name, options[name] ?? DEFAULT_LIMITS[name]]);
  return Object.fromEntries(entries) as unknown as FetchLimits;
}
