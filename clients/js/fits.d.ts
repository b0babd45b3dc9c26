import type { ImageOptions } from "./index.d.ts";

export const FITS: Readonly<Record<string, ImageOptions>>;
