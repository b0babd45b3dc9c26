// What is laid over pictures, as it is now: found, fetched and kept as any original, whoever asks for it.
import { failureOf, ProxyError } from "../errors.ts";
import type { Body } from "../http/body.ts";
import type { OverlayRequest } from "../request/overlays.ts";
import { parseNamedOverlay } from "../settings/overlays.ts";
import type { Config } from "../settings/table.ts";
import type { CachedResponse } from "./cached_response.ts";
import { remoteUrlOf } from "./operator_pictures.ts";
import type { Originals, OriginalWish } from "./originals.ts";

/** A wish for a picture, and whether what it lays over that is signed for. */
export interface OverlaidWish extends OriginalWish {
  /** Whether the signature covers the options, and with them the URLs of overlays. */
  readonly signsOptions: boolean;
}

/** All pictures that a Config gives names to. */
export function overlayPictures({ overlay }: Pick<Config, "overlay">): string[] {
  return overlay.map((entry) => parseNamedOverlay(entry).picture);
}

/** Their remote URLs by their names. */
export function overlayUrls({ overlay }: Pick<Config, "overlay">): ReadonlyMap<string, string> {
  return new Map(overlay.map((entry) => {
    const { name, picture } = parseNamedOverlay(entry);
    return [name, remoteUrlOf(picture, { setting: "overlay" })];
  }));
}

export type Overlays = readonly CachedResponse<Body>[];

/** All that a wish lays over its picture; undefined for nothing. Rejects with a ProxyError that says what failed. */
export async function getOverlays(
  originals: Originals,
  wish: OverlaidWish,
): Promise<Overlays | undefined> {
  const { overlays } = wish.request;
  if (!overlays) return undefined;
  return await Promise.all(overlays.map(async (overlay) => {
    try {
      return (await originals.get(overlayWish(wish, overlay))).response;
    } catch (error) {
      throw error instanceof ProxyError ? failureOf("The overlay cannot be had", error) : error;
    }
  }));
}

/** The same where all of it is fresh and in memory; undefined where not. */
export function peekOverlays(
  originals: Originals,
  wish: OverlaidWish,
): CachedResponse[] | undefined {
  const found = (wish.request.overlays ?? [])
    .map((overlay) => originals.peek(overlayWish(wish, overlay))?.response);
  return found.every((overlay) => overlay !== undefined) ? found : undefined;
}

/** Whether all of it is stored, fresh or not. */
export async function hasOverlays(originals: Originals, wish: OverlaidWish): Promise<boolean> {
  const { overlays = [] } = wish.request;
  const found = await Promise.all(
    overlays.map((overlay) => originals.has(overlayWish(wish, overlay))),
  );
  return found.every(Boolean);
}

/** What tells whether all of it is still the same: a name may come to stand for another picture. */
export function digestsOf(overlays: Overlays): string {
  return overlays.map(({ meta }) => meta.digest).join(" ");
}

function overlayWish(wish: OverlaidWish, overlay: OverlayRequest): OriginalWish {
  const { isSecret, client, signal, trace, signsOptions, cameThrough } = wish;
  return {
    request: overlay,
    // Where redirects of the operator's own lead is the operator's affair.
    signed: overlay.isNamed || signsOptions,
    isSecret: isSecret || overlay.isHidden === true,
    // What a client shows to the picture's origin is for no other.
    sent: {},
    cameThrough,
    client,
    bodyUse: "whole",
    signal,
    trace,
  };
}
