import type { NamedOptions } from "./options.d.ts";

export type { NamedOptions } from "./options.d.ts";

/** What to make of a picture. */
export interface ImageOptions extends NamedOptions {
  /** Pixels, or a share of the original below 1. */
  width?: number;
  /** Pixels, or a share of the original below 1. */
  height?: number;
}

export interface SrcsetOptions extends Omit<ImageOptions, "width"> {
  /** Pixels, one for each entry. */
  widths: readonly number[];
}

/** The bytes of the server's -signatureKey, or their text. */
export interface Signing {
  key: string | Uint8Array;
}

/** The part of a URL that says what to make of a picture: `200x,webp`. Throws a RangeError for what is no option. */
export function optionsText(options?: ImageOptions): string;

/**
 * The URL of a picture.
 * @param base where the proxy is: `https://img.example.com`, or "" for this host
 * @param source the picture: an absolute URL, `name:path` of a source, or what the server's base URL completes
 */
export function url(base: string, source: string, options?: ImageOptions): string;

/** A `srcset` of several widths; other options go with each. */
export function srcset(base: string, source: string, options: SrcsetOptions): string;

/** The URL with a signature that covers the options too. Not for browsers: they would show the key. */
export function sign(
  base: string,
  source: string,
  options: ImageOptions & Signing,
): Promise<string>;

/** A `srcset` whose URLs are signed. */
export function signedSrcset(
  base: string,
  source: string,
  options: SrcsetOptions & Signing,
): Promise<string>;
