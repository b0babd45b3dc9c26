// A cached response as it is kept in memory: what was judged of its headers, and what clients are told,
// is worked out once, when it is stored or read back, so that a hit parses nothing.
import { beginningOf, type Body, isComplete, sizeOf, type StreamedBody } from "../http/body.ts";
import { createStoredBody } from "../cache/stored_body.ts";
import {
  decodeEntry,
  decodeOutline,
  encodeEntry,
  type EntryMeta,
  entrySize,
} from "../cache/entry.ts";
import type { Codec } from "../cache/codec.ts";
import { contentDisposition } from "./content_disposition.ts";
import { mediaTypeOf } from "../http/content_type.ts";
import { assess, type Freshness } from "../http/freshness.ts";
import { type HeaderMap, pick } from "../http/header_map.ts";
import { SAFE_HEADERS } from "../http/respond.ts";
import { varyOf } from "../http/vary.ts";
import type { PolicyFinder } from "./freshness_policies.ts";
import { SNIFFED_BYTES, sniffMediaType } from "../image/formats/read_header.ts";
import { goesBy } from "../image/formats/table.ts";

export interface CachedResponse<B extends Body = Uint8Array> {
  readonly meta: EntryMeta;
  readonly body: B;
  readonly freshness: Freshness;
  readonly mediaType: string;
  /** Whether clients may have this media type. */
  readonly isServed: boolean;
  /** What is sent with a 200, but for Age; no length where only the end will tell. */
  readonly headers: HeaderMap;
}

export interface PresentationRules {
  readonly policyOf: PolicyFinder;
  /** Lower-case names of the origin's headers that clients see. */
  readonly passedHeaders: readonly string[];
  /** Lower-case names of the clients' headers that origins see. */
  readonly passedRequestHeaders: readonly string[];
  isServedType(mediaType: string): boolean;
}

/** What makes an entry presentable under the rules. */
export type Present = <B extends Body>(entry: Presentable<B>) => CachedResponse<B>;
type Presentable<B extends Body = Body> = Pick<CachedResponse<B>, "meta" | "body">;

export function createPresenter(rules: PresentationRules): Present {
  return ({ meta, body }) => {
    const freshness = assess(meta, rules.policyOf(meta.url), rules.policyOf);
    const mediaType = mediaTypeIn({ meta, body });
    const size = sizeOf(body);
    // What is told of a picture is ours, and neither the origin's nor one of the types that are listed.
    const isServed = rules.isServedType(mediaType) ||
      (meta.kind === "result" && !mediaType.startsWith("image/"));
    const passed = pick(
      { ...withoutLifetime(meta.headers), ...freshness.headers },
      rules.passedHeaders,
    );
    const headers = {
      "content-disposition": contentDisposition({ url: meta.url, mediaType }),
      ...passed,
      ...varyToSend({ meta, body }, rules),
      // Expires and Age count from it, whatever else is passed on.
      date: freshness.headers.date!,
      ...(meta.kind === "result" ? { etag: meta.headers.etag! } : {}),
      ...SAFE_HEADERS,
      "content-type": mediaType,
      ...(meta.partialSince === undefined ? {} : { "x-image-partial": "true" }),
      ...(size === undefined ? {} : { "content-length": String(size) }),
      ...(isComplete(body) ? { "accept-ranges": "bytes" } : {}),
    };
    return { meta, body, freshness, mediaType, headers, isServed };
  };
}

/** A response past its lifetime is kept this long, in seconds, since asking whether it holds is cheap. */
const RENEWAL_GRACE = 30 * 24 * 3600;

/** Entries as the tiers keep them. `now` is in ms since 1970. */
export function createCodec(
  { present, now }: { present: Present; now: () => number },
): Codec<CachedResponse, CachedResponse<StreamedBody>> {
  return {
    encode: encodeEntry,
    decode(frame, key) {
      const entry = decodeEntry(frame, key);
      return entry && present(entry);
    },
    outline(frame, key) {
      const { size, beginning, open, remove } = frame;
      const outline = decodeOutline(beginning, { key, size });
      // What the type is told by must be there too.
      if (!outline || beginning.length < outline.bodyAt + SNIFFED_BYTES) return undefined;
      const body = createStoredBody({ outline, beginning, open, onSpoilt: remove });
      return present({ meta: outline.meta, body });
    },
    size: entrySize,
    ttlSeconds({ meta, freshness }) {
      const { etag, "last-modified": lastModified } = meta.headers;
      const isRenewable = etag !== undefined || lastModified !== undefined;
      const usableUntil = Math.max(
        meta.receivedAt,
        freshness.freshUntil,
        freshness.staleWhileRevalidateUntil,
        freshness.staleIfErrorUntil,
      );
      return Math.ceil((usableUntil - now()) / 1000) + (isRenewable ? RENEWAL_GRACE : 0);
    },
  };
}

/** The type told by the bytes; what the origin says counts only where it does not claim an image. */
function mediaTypeIn({ meta, body }: Presentable): string {
  const declared = mediaTypeOf(meta.headers["content-type"]);
  if (meta.kind === "result") return declared;
  const sniffed = sniffMediaType(beginningOf(body, SNIFFED_BYTES));
  if (sniffed) return goesBy(sniffed, declared) ? declared : sniffed;
  return declared.startsWith("image/") ? "application/octet-stream" : declared;
}

/** These are true only as the cache restates them. */
function withoutLifetime(headers: HeaderMap): HeaderMap {
  const { "cache-control": _control, "cdn-cache-control": _cdn, expires: _expires, ...others } =
    headers;
  return others;
}

/** Of what the origin's answer depends on, only what clients' requests can change, and the negotiated format. */
function varyToSend(
  { meta }: Presentable,
  { passedRequestHeaders }: PresentationRules,
): HeaderMap {
  const names = (varyOf(meta) ?? "").split(",").map((name) => name.trim())
    .filter((name, at, all) =>
      passedRequestHeaders.includes(name.toLowerCase()) && all.indexOf(name) === at
    );
  const isNegotiated = meta.options.split(",").includes("auto");
  if (isNegotiated && !names.some((name) => name.toLowerCase() === "accept")) {
    names.unshift("Accept");
  }
  return names.length > 0 ? { vary: names.join(", ") } : {};
}
