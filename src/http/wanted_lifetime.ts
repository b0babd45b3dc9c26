// What an origin should have said about the lifetime of its answers, put into their headers as if it had:
// from there on the rules of RFC 9111 hold as for any other answer.

import { governing } from "./governing.ts";

export interface WantedLifetime {
  /** Seconds, for answers that say nothing. */
  implied?: number | undefined;
}

/** The headers of an answer with the lifetime that the operator wants; what may not be stored stays so. */
export function withWantedLifetime(
  headers: Record<string, string>,
  { implied }: WantedLifetime,
): Record<string, string> {
  const { control, expires, isTargeted } = governing(headers);
  const { maxAge, sMaxAge, noStore, noCache } = control;
  const isStated = maxAge !== undefined || sMaxAge !== undefined || expires !== undefined;
  if (implied === undefined || isStated || noStore || noCache || control.private) return headers;
  const name = isTargeted ? "cdn-cache-control" : "cache-control";
  const words = [headers[name], `max-age=${Math.floor(implied)}`].filter((word) => word);
  return { ...headers, [name]: words.join(", ") };
}
