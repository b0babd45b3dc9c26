// The Go program signs and verifies what its URL type prints, which is not always what was received.
// Signatures made by its tool must go on working, so the printed form is made here too.
import { percentEncoded } from "../http/percent_encoding.ts";

/** What Go's `url.URL.EscapedPath` keeps as it was received; one other character escapes them all. */
const KEPT_BY_GO = /^[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]%/]*$/;
/** What Go keeps where it escapes. */
const NEVER_ESCAPED = /[^A-Za-z0-9\-_.~$&+,/:;=@%]/gu;

/**
 * A remote URL as Go prints it: a host name is escaped where it is not ASCII, a path with any character that does not belong in one is escaped anew,
 * and an empty query is dropped. Where Go would also decode first (`%2F` to `/`), this does not: the
 * signature of one image must not open another.
 */
export function printedByGo(url: string): string {
  const parts = /^(https?:\/\/[^/?]*)([^?]*)(.*)$/s.exec(url);
  if (!parts) return url; // A named source, of which the Go program has none.
  const [, origin = "", path = "", query = ""] = parts;
  const printed = KEPT_BY_GO.test(path) ? path : percentEncoded(path, NEVER_ESCAPED);
  return percentEncoded(origin, /[^\0-\x7f]/gu) + printed + (query === "?" ? "" : query);
}
