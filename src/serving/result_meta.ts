// What is known of a result besides its bytes: it has its lifetime, and most of its headers, from what it is made of.
import type { EntryMeta } from "../cache/entry.ts";
import type { Part } from "../http/freshness.ts";
import { type HeaderMap, pick } from "../http/header_map.ts";
import { parseHttpDate } from "../http/http_date.ts";
import { renewByOriginal } from "../http/revalidation.ts";
import { GOVERNING } from "./asking.ts";
import type { Overlays } from "./overlays.ts";

/** What a result is made of, and under which name it is known. */
export interface Made {
  /** The remote URL of its original. */
  url: string;
  /** In canonical form. */
  options: string;
  etag: string;
  /** What lies over it. */
  overlays: Overlays;
}

/** That of a result that has been made, or will be, of this original; its media type is still to come. */
export function metaOfResult(
  original: EntryMeta,
  { url, options, etag, overlays }: Made,
): EntryMeta {
  const { "content-type": _type, "content-length": _length, ...headers } = modifiedLast(
    original.headers,
    overlays,
  );
  return {
    kind: "result",
    key: "",
    url,
    options,
    status: 200,
    headers: { ...headers, etag },
    requestedAt: original.requestedAt,
    receivedAt: original.receivedAt,
    ...wayOf(original),
    ...partsOf(overlays),
    original: { key: original.key, digest: original.digest ?? "" },
  };
}

/** That of a stored result whose original, and what lies over it, have been found to hold. */
export function renewedMeta(
  stale: EntryMeta,
  { original, overlays }: { original: EntryMeta; overlays: Overlays },
): EntryMeta {
  const { hops: _hops, source: _source, ...meta } = stale;
  // What else a result has came from its original, which may have it no more.
  const own = { ...stale, headers: pick(stale.headers, ["content-type", "etag"]) };
  const { headers, ...renewed } = renewByOriginal(own, original);
  return {
    ...meta,
    ...renewed,
    headers: modifiedLast(headers, overlays),
    ...wayOf(original),
    ...partsOf(overlays),
  };
}

/** The redirects that led to an original. */
function wayOf({ hops, source }: EntryMeta): Pick<EntryMeta, "hops" | "source"> {
  return { ...(hops ? { hops } : {}), ...(source === undefined ? {} : { source }) };
}

/** What a result keeps of what lies over it. */
function partsOf(overlays: Overlays): Pick<EntryMeta, "parts"> {
  if (overlays.length === 0) return {};
  const parts = overlays.map(({ meta }): Part => {
    const { url, status, headers, requestedAt, receivedAt, hops } = meta;
    const judged = pick(headers, GOVERNING);
    return { url, status, headers: judged, requestedAt, receivedAt, ...(hops && { hops }) };
  });
  return { parts };
}

/**
 * When a picture with overlays was last modified, by the fields of all that it is made of: not known, and so not
 * said, where one of them does not say it.
 */
function modifiedLast(headers: HeaderMap, overlays: Overlays): HeaderMap {
  if (overlays.length === 0) return headers;
  const { "last-modified": own, ...others } = headers;
  const times = [own, ...overlays.map(({ meta }) => meta.headers["last-modified"])];
  const latest = times.reduce((late, time) => later(late, time));
  return latest === undefined ? others : { ...others, "last-modified": latest };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  const [timeA, timeB] = [a, b].map((text) => parseHttpDate(text, 0));
  if (timeA === undefined || timeB === undefined) return undefined;
  return timeA < timeB ? b : a;
}
