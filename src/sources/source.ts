// What every kind of source offers: the answer of an origin to the path of a picture.

import type { OriginRule } from "../http/origin/origin_rule.ts";
import type { CloudContext } from "../cloud/context.ts";
import type { Fail, LocationQuery } from "../cloud/location_query.ts";
import type {
  OriginalStream,
  OriginFetcher,
  OriginFetcherOptions,
  OriginRequest,
} from "../http/origin/original.ts";

/** An answer; with a URL of its own where that is not the picture's own name. */
export type SourceAnswer = Omit<OriginalStream, "url"> & Partial<Pick<OriginalStream, "url">>;

export interface Picture {
  /** The path decoded, as `objectName()` gives it. */
  name: string;
  /** The path and query as they were written. */
  target: string;
}

export interface Source {
  /**
   * Answers for a picture, as an origin would: 200 and the body, 304 where a condition of the request holds,
   * 404 where there is no such picture. Rejects with a ProxyError where the source fails, or refuses the
   * proxy itself.
   */
  open(picture: Picture, request: OriginRequest): Promise<SourceAnswer>;
  /** Whether a URL that a redirect led to may be asked for; where there are no redirects, none may. */
  mayFetch?: OriginFetcher["mayFetch"];
  /** Ends what is under way and closes all connections. */
  close(): Promise<void>;
}

export interface SourceContext extends CloudContext {
  /** What the location says behind its question mark. */
  query: LocationQuery;
  /** The error for a location that cannot be right. */
  fail: Fail;
  /** The rules that the server fetches by. */
  rules: OriginFetcherOptions;
  /** What holds for this source alone. */
  rule: OriginRule | undefined;
  /** Tells the operator what to mend, the same thing not over and over. */
  report(reason: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A kind of source: one entry of the table. */
export interface SourceKind {
  summary: string;
  examples: readonly [string, ...string[]];
  /** The variables that it reads, for the least permission to the environment. */
  variables: readonly string[];
  /** Opens what a location says, without asking anything yet; throws one sentence if it says it wrongly. */
  open(location: string, context: SourceContext): Source;
}
