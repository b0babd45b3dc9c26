import type { ImageOptions } from "./index.d.ts";

/** The loader for a proxy at `base`; `options` go with every picture, `format: "auto"` unless told. */
export function createLoader(
  base: string,
  options?: ImageOptions,
): (picture: { src: string; width: number; quality?: number }) => string;
