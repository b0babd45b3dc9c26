// What an operator wants of one origin alone, over what holds for all.

import type { FetchLimits } from "./fetch_limits.ts";

export interface OriginRule {
  /** By lower-case name, over those of the client; never sent where a redirect leads to another origin. */
  headers?: Readonly<Record<string, string>> | undefined;
  userAgent?: string | undefined;
  limits?: Partial<FetchLimits> | undefined;
}

/** The rule of a host as it stands in URLs, or of a named source with its colon; undefined for none. */
export type RuleFinder = (place: string) => OriginRule | undefined;

/** What a URL is asked with: the operator's headers are for the one origin that they were given for. */
export function headersUnder(
  rule: OriginRule | undefined,
  { headers, isGiven }: { headers: Record<string, string>; isGiven: boolean },
): Record<string, string> {
  const { userAgent, headers: own } = rule ?? {};
  return { ...headers, ...(userAgent && { "user-agent": userAgent }), ...(isGiven && own) };
}
