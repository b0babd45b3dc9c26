// Answering a client that already has a copy: 304 if its copy is still right (RFC 9110 section 13).

import type { HeaderMap } from "./header_map.ts";
import { parseHttpDate } from "./http_date.ts";

/** Headers about a representation that can stand in a 304 all the same. */
const KEPT_IN_304 = new Set([
  "content-location",
  "content-security-policy",
  "content-security-policy-report-only",
]);

/** Whether a client says that it has a copy. */
export function isConditional(request: HeaderMap): boolean {
  return request["if-none-match"] !== undefined || request["if-modified-since"] !== undefined;
}

/**
 * Whether a GET or HEAD that would be answered 200 with `headers` is answered 304 instead.
 * `now` (ms) is for dates with two-digit years.
 */
export function isNotModified(
  headers: HeaderMap,
  { request, now }: { request: HeaderMap; now: number },
): boolean {
  const tags = request["if-none-match"];
  // Section 13.1.3: with If-None-Match, matching or not, If-Modified-Since is not looked at.
  if (tags !== undefined) return matchesAny(tags, headers.etag);
  const since = parseHttpDate(request["if-modified-since"], now);
  const modified = parseHttpDate(headers["last-modified"], now);
  return since !== undefined && modified !== undefined && modified <= since;
}

/** The fields of a 200 that a 304 in its place carries, section 15.4.5. */
export function headersOf304(headers: HeaderMap): HeaderMap {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => {
      if (name.startsWith("content-")) return KEPT_IN_304.has(name);
      return name !== "transfer-encoding" &&
        !(name === "last-modified" && headers.etag !== undefined);
    }),
  );
}

/** Section 8.8.3.2: the same opaque tag, weak or not. */
export function compareWeakly(a: string, b: string): boolean {
  return opaque(a) === opaque(b);
}

/** Section 8.8.3.2: the same opaque tag, and neither is weak. */
export function compareStrongly(a: string, b: string): boolean {
  return a === b && !a.startsWith("W/");
}

function matchesAny(tags: string, etag: string | undefined): boolean {
  // Section 13.1.2: * is any current representation, and there is one, with or without a tag.
  if (tags.trim() === "*") return true;
  // Origins forget the quotes, and clients send back what they got.
  if (etag && tags.trim() === etag) return true;
  return etag !== undefined && parseEntityTags(tags).some((tag) => compareWeakly(tag, etag));
}

// Commas may stand inside a tag, so the list cannot be split at them. What is no tag is skipped.
// Every character is looked at a bounded number of times, however hostile the list.
function parseEntityTags(list: string): string[] {
  const tags: string[] = [];
  const tag = /((?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*")[ \t]*(?=,|$)/y;
  const separators = /[\s,]*/y;
  for (let at = 0; at < list.length;) {
    separators.lastIndex = at;
    separators.test(list);
    tag.lastIndex = separators.lastIndex;
    const match = tag.exec(list);
    if (match?.[1] !== undefined) {
      tags.push(match[1]);
      at = tag.lastIndex;
    } else {
      const comma = list.indexOf(",", separators.lastIndex);
      at = comma < 0 ? list.length : comma;
    }
  }
  return tags;
}

function opaque(tag: string): string {
  return tag.startsWith("W/") ? tag.slice(2) : tag;
}
