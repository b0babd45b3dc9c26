// When two URLs are one and the same picture (RFC 3986 section 6.2). Only spellings that no origin can tell
// apart, or that HTTP itself calls equal: dot segments are left, since they reach origins as they were sent.

import { normalizeHost } from "./host.ts";
import { sourceOf } from "./place.ts";

const DEFAULT_PORT: Readonly<Record<string, string>> = { http: "80", https: "443" };

/** One spelling for all URLs that are equal. What is neither an http or https URL nor of a source stays as it is. */
export function identityOf(url: string): string {
  const source = sourceOf(url);
  if (source) return source + escapes(url.slice(source.length));
  const [, scheme = "", authority = "", path = "", query = ""] =
    /^(https?):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?$/is.exec(url) ?? [];
  const [, host = "", port = ""] = /^(.*?)(?::(\d*))?$/s.exec(authority) ?? [];
  const name = normalizeHost(host);
  if (name === undefined) return url;
  const protocol = scheme.toLowerCase();
  const explicit = Number(port) === Number(DEFAULT_PORT[protocol]) ? "" : port.replace(/^0+/, "");
  return `${protocol}://${name}${explicit && `:${explicit}`}` +
    escapes(path || "/") + (query === "?" ? "" : escapes(query));
}

/** Sections 6.2.2.1 and 6.2.2.2: digits of escapes in upper case, and none where no character needs it. */
function escapes(text: string): string {
  return text.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    // A dot could become a segment that means the folder above.
    return /[A-Za-z0-9_~-]/.test(character) ? character : escape.toUpperCase();
  });
}
