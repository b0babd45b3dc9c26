// What the server's owner chooses about encoders. Pure, so that the settings table has its defaults from
// the file that explains them.

/** One step trades time for bytes: 1 is the fastest, 3 the smallest. */
export type Effort = 1 | 2 | 3;

export interface EncodingSettings {
  /** Quality where the URL names none, on the one scale of all formats: that of JPEG. */
  jpegQuality: number;
  webpQuality: number;
  avifQuality: number;
  jxlQuality: number;
  effort: Effort;
  /** Most pixels of a result that is negotiated to be AVIF, the format that takes longest to write. */
  avifMaxPixels: number;
}

export const DEFAULT_ENCODING: EncodingSettings = {
  // Users of the Go program expect 95 of JPEG; the others exist to be small.
  jpegQuality: 95,
  webpQuality: 80,
  avifQuality: 80,
  jxlQuality: 80,
  effort: 2,
  avifMaxPixels: 1_000_000,
};
