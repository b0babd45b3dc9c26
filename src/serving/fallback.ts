// A picture in place of one that cannot be had. It is made as that would have been, is kept under its own URL
// and never in the other's place, and is told from a picture by the status of the failure.
import { ProxyError } from "../errors.ts";
import type { ErrorCode } from "../errors.ts";
import { placeOf } from "../http/place.ts";
import type { Answer } from "../http/respond.ts";
import type { ImageRequest } from "../request/image_request.ts";
import { type FallbackImage, parseFallbackImage } from "../settings/fallback_images.ts";
import { createRuleFinder } from "../settings/origin_rules.ts";
import type { Config } from "../settings/table.ts";
import { remoteUrlOf } from "./operator_pictures.ts";

export interface Fallback {
  /** The remote URL of the operator's picture to show in place of the one that was asked for; undefined for none. */
  urlFor(request: ImageRequest): string | undefined;
  /** The status to answer with; undefined for that of the failure. */
  readonly status: number | undefined;
  /** Seconds that clients may keep it where nothing says how long the failure lasts. */
  readonly lifetime: number;
}

/** The origin has none, refuses, fails, or sends something else; what is the client's or our own fault is not among them. */
const LACKING: ReadonlySet<ErrorCode> = new Set([
  ...[
    "not_found",
    "bad_origin",
    "timeout",
    "undecodable",
    "too_large",
    "type_not_allowed",
  ] as const,
]);

/** Whether an error says that there is no picture to be had. */
export function lacksPicture(error: unknown): error is ProxyError {
  return error instanceof ProxyError && LACKING.has(error.code);
}

/** The pictures that a Config names: a preset's own before an origin's, and that before the general one. */
export function createFallback(config: Config): Fallback {
  const images = config.fallbackImage.map(parseFallbackImage);
  const byPreset = new Map(images.map(({ preset, picture }) => [preset, urlOf(picture)]));
  const ruleOf = createRuleFinder(config.origins);
  return {
    urlFor({ asked, remoteUrl }) {
      const { fallbackImage } = ruleOf(placeOf(remoteUrl)) ?? {};
      const ofPreset = asked.preset === undefined ? undefined : byPreset.get(asked.preset);
      if (ofPreset !== undefined) return ofPreset;
      return fallbackImage ? urlOf(fallbackImage) : byPreset.get(undefined);
    },
    status: config.fallbackStatus,
    lifetime: Math.floor(config.errorCacheDuration / 1000),
  };
}

/** All pictures that a Config names for this. */
export function fallbackPictures(
  { fallbackImage, origins }: Pick<Config, "fallbackImage" | "origins">,
): string[] {
  const named: readonly FallbackImage[] = fallbackImage.map(parseFallbackImage);
  const ofOrigins = Object.values(origins).flatMap(({ fallbackImage }) => fallbackImage || []);
  return [...named.map(({ picture }) => picture), ...ofOrigins];
}

function urlOf(picture: string): string {
  return remoteUrlOf(picture, { setting: "fallbackImage" });
}

/** The answer that shows `shown` where `failure` is what happened. */
export function inPlaceOf<B>(
  failure: ProxyError,
  { shown, fallback }: { shown: Answer<B>; fallback: Fallback },
): Answer<B> {
  const { etag: _tag, "last-modified": _time, expires: _expires, age: _age, ...headers } =
    shown.headers;
  const seconds = Math.min(failure.lasts?.seconds ?? Infinity, fallback.lifetime);
  return {
    ...shown,
    status: fallback.status ?? failure.status,
    headers: {
      ...headers,
      "cache-control": seconds > 0 ? `max-age=${seconds}` : "no-store",
      ...(failure.retryAfter === undefined ? {} : { "retry-after": String(failure.retryAfter) }),
    },
    failure,
  };
}
