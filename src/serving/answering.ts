// A response that was found, as the answer to one client: whole, in part, or none where the client has it.
import { ProxyError } from "../errors.ts";
import { type Body, isComplete, sizeOf } from "../http/body.ts";
import { headersOf304, isConditional, isNotModified } from "../http/conditional.ts";
import { ageAt } from "../http/freshness.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { partOf, wantedRange } from "../http/range.ts";
import { type Answer, errorAnswer, SAFE_HEADERS } from "../http/respond.ts";
import { contentDisposition, type Saving } from "./content_disposition.ts";
import type { CachedResponse } from "./cached_response.ts";
import type { Served } from "./shelf.ts";

/** Who asks, and when. */
export interface Asking {
  /** The client's headers, by lower-case name. */
  readonly request: HeaderMap;
  /** Whether the body is sent; a part of it is nothing to HEAD. */
  readonly sendsBody: boolean;
  /** Whether the client must not learn where the picture is from. */
  readonly isHidden: boolean;
  /** How the picture is to be saved, where the URL says so. */
  readonly saving: Saving | undefined;
  /** Whether another client may get the same URL in another format. */
  readonly isNegotiated: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Throws a ProxyError "type_not_allowed" where the picture is of a type that clients may not have. */
export function answerWith<B extends Body>(served: Served<B>, asking: Asking): Answer<B> {
  const { response } = served;
  const { request, now } = asking;
  if (!response.isServed) {
    throw new ProxyError(
      "type_not_allowed",
      "The content type of the requested URL is not allowed",
      {
        cause: response.mediaType,
      },
    );
  }
  const headers = headersFor(response, asking);
  const cache = response.meta.kind === "original" ? { original: served.state } : {
    result: served.state,
    ...(served.original ? { original: served.original } : {}),
    ...(response.meta.partialSince === undefined ? {} : { isPartial: true as const }),
  };
  if (isConditional(request) && isNotModified(headers, { request, now })) {
    return { status: 304, headers: { ...headersOf304(headers) }, body: null, cache };
  }
  const whole = { status: 200, headers, body: response.body, cache };
  return request.range === undefined || !asking.sendsBody ? whole : partly(whole, asking);
}

function headersFor(
  { meta, headers, freshness }: CachedResponse<Body>,
  { isHidden, isNegotiated, saving, now }: Asking,
): Record<string, string> {
  const { vary = "" } = headers;
  const mediaType = headers["content-type"] ?? "";
  return {
    ...(isHidden ? withoutOrigin(headers) : headers),
    ...(saving && {
      "content-disposition": contentDisposition({
        url: isHidden ? "" : meta.url,
        mediaType,
        saving,
      }),
    }),
    ...(isNegotiated && !/(^|,)\s*accept\s*(,|$)/i.test(vary)
      ? { vary: vary === "" ? "Accept" : `Accept, ${vary}` }
      : {}),
    age: String(ageAt(freshness, now)),
  };
}

/** What the cache says of itself, and nothing of the origin's own that could tell where it is. */
const TELLS_NOTHING: ReadonlySet<string> = new Set([
  ...Object.keys(SAFE_HEADERS),
  ...[
    "accept-ranges",
    "cache-control",
    "cdn-cache-control",
    "content-length",
    "content-type",
    "date",
    "etag",
  ],
  ...["expires", "last-modified", "vary", "x-image-partial"],
]);

function withoutOrigin(headers: HeaderMap): HeaderMap {
  const kept = Object.entries(headers).filter(([name]) => TELLS_NOTHING.has(name));
  const mediaType = headers["content-type"] ?? "";
  return {
    ...Object.fromEntries(kept),
    "content-disposition": contentDisposition({ url: "", mediaType }),
  };
}

/** The part that is asked for, of what is here to its end. */
function partly<B extends Body>(
  whole: Answer<B> & { body: B },
  { request, now }: Asking,
): Answer<B> {
  const { headers, body } = whole;
  const size = isComplete(body) ? sizeOf(body) : undefined;
  const range = size && wantedRange(headers, { request, size, now });
  if (!range) return whole;
  if (range === "unsatisfiable") {
    const error = new ProxyError("bad_range", `The picture has no such range in its ${size} bytes`);
    const refusal = errorAnswer(error, { accept: request.accept, isCacheable: false });
    const headers = { ...refusal.headers, "content-range": `bytes */${size}` };
    return { ...whole, status: refusal.status, headers, body: refusal.body as string };
  }
  const { start, end } = range;
  const ofPart = {
    "content-length": String(end - start + 1),
    "content-range": `bytes ${start}-${end}/${size}`,
  };
  return { ...whole, status: 206, headers: { ...headers, ...ofPart }, body: partOf(body, range) };
}
