// Which fields a shared cache goes by: CDN-Cache-Control where there is one, and else Cache-Control with Expires.

import { parseDictionary } from "structured-headers";
import { type CacheControl, parseCacheControl } from "./cache_control.ts";
import type { HeaderMap } from "./header_map.ts";

/** What decides over a response's storage and lifetime. */
export interface Governing {
  readonly control: CacheControl;
  /** Of no account where CDN-Cache-Control speaks (RFC 9213 section 2.2). */
  readonly expires: string | undefined;
  /** Whether that was CDN-Cache-Control, so that Cache-Control speaks to others alone. */
  readonly isTargeted: boolean;
}

export function governing(headers: HeaderMap): Governing {
  const targeted = targetedControl(headers["cdn-cache-control"]);
  return targeted ? { control: targeted, expires: undefined, isTargeted: true } : ordinary(headers);
}

/** The same for those whom CDN-Cache-Control does not mean, browsers above all. */
export function ordinary(headers: HeaderMap): Governing {
  // RFC 9111 section 5.4 gives Pragma no meaning in a response, but origins that send it alone mean what
  // browsers and other caches take it for.
  const stated = headers["cache-control"] ??
    (/\bno-cache\b/i.test(headers.pragma ?? "") ? "no-cache" : undefined);
  const control = parseCacheControl(stated);
  return { control, expires: headers.expires, isTargeted: false };
}

// RFC 9213 section 2.1: a Dictionary Structured Field (RFC 9651). One that is empty or cannot be parsed, or
// holds values of types that no directive has, is as if it were not there.
function targetedControl(value: string | undefined): CacheControl | undefined {
  if (value === undefined) return undefined;
  const directives: string[] = [];
  try {
    for (const [name, [argument]] of parseDictionary(value)) {
      const text = directiveText(name, argument);
      if (text === undefined) return undefined;
      directives.push(text);
    }
  } catch {
    return undefined;
  }
  return directives.length > 0 ? parseCacheControl(directives.join(", ")) : undefined;
}

/** Directives that take a number of seconds. */
const TIMED = new Set(["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]);

function directiveText(name: string, argument: unknown): string | undefined {
  if (argument === true) return name;
  if (Number.isInteger(argument)) return `${name}=${argument}`;
  if (TIMED.has(name)) return undefined;
  const text = typeof argument === "string" ? argument : "";
  return `${name}="${text.replace(/["\\]/g, "\\$&")}"`;
}
