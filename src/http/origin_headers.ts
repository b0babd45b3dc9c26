// Which headers pass between the proxy and an origin, in either direction.

import { ProxyError } from "../errors.ts";

/** What belongs to one connection and not to the message (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-authentication-info",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Never sent at a caller's wish: they frame the message, or would change what the answer is. A range would
 * make a fragment pass for the original, a coding is decoded here in any case, and CDN-Loop is the server's own word.
 */
const NEVER_SENT = new Set([
  ...HOP_BY_HOP,
  "accept-encoding",
  "cdn-loop",
  "content-length",
  "expect",
  "host",
  "http2-settings",
  "if-range",
  "range",
]);

/** What makes the answer one client's own: it is never stored, and never given to another (RFC 9111 section 3.5). */
const CREDENTIALS = ["authorization", "cookie"];

/** Whether an operator may have a header of this name sent to origins. */
export function isSendable(name: string): boolean {
  const lower = name.toLowerCase();
  return !NEVER_SENT.has(lower) && !CONDITIONS.includes(lower);
}

const CONDITIONS = ["if-none-match", "if-modified-since"];

/** Told to every origin; all else is not repeated to another one that it redirects to (RFC 9110 section 15.4). */
const TOLD_TO_ALL = [
  "accept",
  "accept-encoding",
  "accept-language",
  "cdn-loop",
  ...CONDITIONS,
  "referer",
  "user-agent",
];

/** The headers of a request, from what the caller passes on; throws a malformed ProxyError. */
export function requestHeaders(
  given: HeadersInit | undefined,
  { userAgent, accept, cdnLoop }: {
    userAgent: string;
    accept: string;
    cdnLoop?: string | undefined;
  },
): Record<string, string> {
  const headers = new Headers({
    ...(accept === "" ? {} : { accept }),
    "user-agent": userAgent,
  });
  try {
    for (const [name, value] of new Headers(given)) {
      if (!NEVER_SENT.has(name)) headers.set(name, value);
    }
  } catch (cause) {
    throw new ProxyError("malformed", "A header of the request is not valid", { cause });
  }
  headers.set("accept-encoding", "identity");
  if (cdnLoop !== undefined) headers.set("cdn-loop", cdnLoop);
  return Object.fromEntries(headers);
}

/** Whether a 304 would be an answer to these headers. */
export function isConditional(headers: Record<string, string>): boolean {
  return CONDITIONS.some((name) => headers[name] !== undefined);
}

/** The same headers, so that only the whole answers them. */
export function withoutConditions(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CONDITIONS.includes(name)));
}

/** Whether the headers speak for one client alone. */
export function isPersonal(headers: Readonly<Record<string, string | undefined>>): boolean {
  return CREDENTIALS.some((name) => headers[name] !== undefined);
}

/** The same headers without what was meant for the former origin alone. */
export function headersForOthers(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => TOLD_TO_ALL.includes(name)));
}

export interface ResponseHeaders {
  /** By lower-case name, several values joined by ", ", without Set-Cookie and what is hop by hop. */
  headers: Record<string, string>;
  /** The values of Set-Cookie, which cannot be joined and must be asked for by name. */
  setCookies: string[];
}

/** Sorts the name and value pairs of a response, of which names are lower-case. */
export function responseHeaders(pairs: readonly (readonly [string, string])[]): ResponseHeaders {
  const named = pairs.filter(([name]) => name === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(",").map((token) => token.trim()));
  const dropped = new Set([...HOP_BY_HOP, "set-cookie", ...named]);
  const merged = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (dropped.has(name)) continue;
    const earlier = merged.get(name);
    merged.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return {
    headers: Object.fromEntries(merged),
    setCookies: pairs.filter(([name]) => name === "set-cookie").map(([, value]) => value),
  };
}
