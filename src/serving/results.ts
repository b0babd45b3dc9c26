// Results as the proxy has them: from the cache while their originals hold, renewed without work when
// an original turns out unchanged, made in the pool otherwise.
import { createHash } from "node:crypto";
import { type Body, wholeIfThere, wholeOf } from "../http/body.ts";
import type { EntryMeta } from "../cache/entry.ts";
import { resultKey } from "../cache/key.ts";
import type { PolicyFinder } from "./freshness_policies.ts";
import type { CachedResponse, Present } from "./cached_response.ts";
import { ProxyError } from "../errors.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { whyNotStored } from "../http/storable.ts";
import { isPersonal } from "../http/origin_headers.ts";
import { varyOf } from "../http/vary.ts";
import type { EncodingSettings } from "../image/formats/encoding.ts";
import type { ImageLimits } from "../image/plan/job.ts";
import type { Asker } from "../image/engine/task_queue.ts";
import type { TransformPool } from "../image/engine/pool.ts";
import { noteStages } from "../ops/trace.ts";
import { formatOptions } from "../options/parse.ts";
import { FORMATS, type OutputFormat } from "../image/formats/table.ts";
import { asksFacts } from "../options/facts.ts";
import type { Options } from "../options/table.ts";
import type { Config } from "../settings/table.ts";
import { createWant, endsCopies, type Originals } from "./originals.ts";
import { cachedUrl, type ImageRequest } from "../request/image_request.ts";
import { networkOf } from "../request/rate_limit.ts";
import { digestsOf, type OverlaidWish, type Overlays } from "./overlays.ts";
import { metaOfResult, renewedMeta } from "./result_meta.ts";
import type { Making, Served, Shelf, Want } from "./shelf.ts";

export interface ResultWish extends OverlaidWish {
  /** Those of the request, negotiation included. */
  readonly options: Options;
  /** The formats that `auto` may choose from besides the original's own, best first. */
  readonly accepted: readonly OutputFormat[];
  /** Who asks, by address. */
  readonly address: string;
  /** What lies over the picture, as it is now; none unless told. */
  readonly overlays?: Overlays;
}

export interface Results {
  /** At once if it is fresh in memory. Rejects with a ProxyError. */
  get(wish: ResultWish, original?: Served): Served | Promise<Served>;
  /** Only if it is fresh in memory. */
  peek(wish: ResultWish): Served<Uint8Array> | undefined;
  /** Whether it is stored, fresh or not. */
  has(wish: ResultWish): boolean | Promise<boolean>;
  /** A result as it will be, but without its body: its headers are known before it is made. */
  foresee(wish: ResultWish, original: CachedResponse<Body>): CachedResponse;
}

export interface ResultsOptions {
  readonly shelf: Shelf;
  readonly originals: Originals;
  readonly pool: TransformPool;
  readonly limits: ImageLimits;
  readonly encoding: EncodingSettings;
  readonly scaleUp: boolean;
  /** Whether originals that are cut short or damaged are refused. */
  readonly strict: boolean;
  /** What becomes of an SVG for which no format is named. */
  readonly svg: Config["svg"];
  /** Results of one release are not served by another, which may make them differently. */
  readonly release: string;
  /** What the operator's fonts are, in a word; empty for none. */
  readonly fonts: string;
  readonly policyOf: PolicyFinder;
  readonly present: Present;
  /** Milliseconds since 1970. */
  now(): number;
}

export function createResults(
  {
    shelf,
    originals,
    pool,
    limits,
    encoding,
    scaleUp,
    strict,
    svg,
    release,
    fonts,
    policyOf,
    present,
    now,
  }: ResultsOptions,
): Results {
  // Other settings make other results.
  const encodingKey = JSON.stringify(encoding);

  async function make(
    wish: ResultWish,
    { making, given }: { making: Making; given: Served | undefined },
  ): Promise<Served> {
    const { stale } = making;
    const { response, state } = given ?? await originalFor(wish, making);
    if (passesThrough(response, { options: wish.options, svg })) {
      if (!isPersonal(wish.sent)) making.supersede();
      return { response, state };
    }
    const isUnchanged = stale?.meta.original?.digest === response.meta.digest;
    const kept = stale && isUnchanged ? await wholeIfThere(stale.body) : undefined;
    const made = stale && kept
      ? present({
        meta: {
          ...renewedMeta(stale.meta, { original: response.meta, overlays: wish.overlays ?? [] }),
          ...(stale.meta.partialSince !== undefined && { partialSince: now() }),
        },
        body: kept,
      })
      : await transform(wish, { original: response, making });
    const storable = whyNotStored(made.meta, {
      request: { method: "GET", headers: wish.sent },
      policy: policyOf(wish.request.remoteUrl),
    }) === undefined;
    if (storable) await making.store(made);
    else if (!isPersonal(wish.sent)) making.supersede();
    const own = !storable ? "bypass" : kept ? "revalidated" : "miss";
    return { response: made, state: own, original: state };
  }

  async function originalFor(
    wish: ResultWish,
    { stale, flight, supersede }: Making,
  ): Promise<Served> {
    try {
      return await originals.get({
        ...wish,
        signal: flight.signal,
        settlesForStale: stale === undefined,
        bodyUse: "whole",
        // The origin may have mended what the cache holds as it was.
        ...(stale?.meta.partialSince !== undefined && { client: { "cache-control": "no-cache" } }),
      });
    } catch (error) {
      if (endsCopies(error, wish)) supersede();
      throw error;
    }
  }

  async function transform(
    wish: ResultWish,
    { original, making }: { original: CachedResponse<Body>; making: Making },
  ): Promise<CachedResponse> {
    const { format, ...options } = wish.options;
    try {
      const overlays = await Promise.all((wish.overlays ?? []).map(({ body }) => wholeOf(body)));
      const image = await pool.transform({
        bytes: await wholeOf(original.body),
        ...(overlays.length > 0 && { overlays }),
        options: format === undefined || format === "auto" ? options : { ...options, format },
        ...(format === "auto" && { acceptedFormats: wish.accepted }),
        encoding,
        scaleUp,
        limits,
        strict,
      }, {
        asker: askerOf(wish),
        signal: making.flight.signal,
        onStart: making.flight.started,
      });
      noteStages(wish.trace, image.timings);
      const meta = {
        ...metaOf(wish, original),
        ...(image.isPartial && { partialSince: now() }),
      };
      const headers = { ...meta.headers, "content-type": image.mediaType };
      return present({ meta: { ...meta, headers }, body: image.bytes });
    } catch (error) {
      // What cannot be transformed now cannot be in a second, and may have cost much to find out.
      const passes = !(error instanceof ProxyError) || error.code === "busy" ||
        error.code === "internal";
      if (!passes && !isPersonal(wish.sent)) {
        const { serverErrorLifetime } = policyOf(wish.request.remoteUrl);
        const until = now() + serverErrorLifetime * 1000;
        making.remember({ error, until, vary: varyOf(original.meta) });
      }
      throw error;
    }
  }

  function metaOf(wish: ResultWish, { meta }: Pick<CachedResponse, "meta">): EntryMeta {
    const { request, options, overlays = [] } = wish;
    return metaOfResult(meta, {
      url: request.remoteUrl,
      options: canonical(options),
      etag: tagOf(wish, meta),
      overlays,
    });
  }

  /** The same bytes under the same options make the same picture, so the tag is known before it is made. */
  function tagOf(wish: ResultWish, { digest }: EntryMeta): string {
    const parts = JSON.stringify([digest, canonical(wish.options), variantOf(wish)]);
    return `"${createHash("sha256").update(parts).digest("base64url").slice(0, 22)}"`;
  }

  function variantOf(wish: ResultWish): string {
    const ways = `${scaleUp ? "up " : ""}${strict ? "strict " : ""}${
      svg === "draw" ? "drawn " : ""
    }`;
    const letters = fonts === "" ? "" : `fonts ${fonts} `;
    const overlays = wish.overlays ? `${digestsOf(wish.overlays)} ` : "";
    return `${negotiation(wish)} ${ways}${letters}${overlays}${encodingKey} ${release}`;
  }

  // Canonical options and hashes are much beside a hit in memory.
  const keys = new WeakMap<ImageRequest, Map<string, string>>();

  function keyOf(wish: ResultWish): string {
    const formats = wish.options.format === "auto" ? `auto ${negotiation(wish)}` : "";
    const way = wish.overlays ? `${formats} ${digestsOf(wish.overlays)}` : formats;
    let known = keys.get(wish.request);
    if (known === undefined) keys.set(wish.request, known = new Map());
    let key = known.get(way);
    if (key === undefined) known.set(way, key = variantKey(wish, {}));
    return key;
  }

  function variantKey(wish: ResultWish, variant: HeaderMap): string {
    const { options, request } = wish;
    const parts = { options: canonical(options), format: variantOf(wish), variant };
    return resultKey(cachedUrl(request), parts);
  }

  function wantOf(wish: ResultWish): Want {
    return createWant(wish, {
      key: keyOf(wish),
      variantKey: (selected) => variantKey(wish, selected),
    });
  }

  return {
    get: (wish, given) => shelf.get(wantOf(wish), (making) => make(wish, { making, given })),
    peek(wish) {
      const { sent, signed, client } = wish;
      return shelf.peek({ key: keyOf(wish), sent, signed, client });
    },
    has: (wish) => shelf.has(wantOf(wish)),
    foresee: (wish, original) => ({
      ...present({ meta: metaOf(wish, original), body: new Uint8Array() }),
      isServed: true,
    }),
  };
}

/**
 * Whether an original is served, or refused, as it is: an SVG, whatever is asked for but another format or its
 * facts, where it is not drawn for all that.
 */
function passesThrough(
  { mediaType }: CachedResponse<Body>,
  { options, svg }: { options: Options; svg: Config["svg"] },
): boolean {
  if (mediaType !== FORMATS.svg.mediaType) return false;
  if (svg !== "pass") return svg === "refuse";
  const asksMore = asksFacts(options) ||
    (options.format !== undefined && options.format !== "auto");
  return !asksMore;
}

/** Clients are told apart as the limit on their requests tells them. */
function askerOf({ address, request }: ResultWish): Asker {
  return {
    client: networkOf(address),
    origin: URL.parse(request.remoteUrl)?.host ?? request.remoteUrl,
  };
}

function negotiation({ options, accepted }: ResultWish): string {
  return options.format === "auto" ? accepted.join() : "";
}

/** Until when a URL is valid, how its picture is saved, and what is shown without it, is no part of the picture. */
function canonical(
  { validUntil: _until, download: _download, filename: _name, fallback: _other, ...options }:
    Options,
): string {
  return formatOptions(options);
}
