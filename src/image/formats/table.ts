// The one table of formats. What is not in it is not decoded, whatever the origin calls it; all that is
// said of formats anywhere derives from it. A format is a folder with its entry, a line here, and rows of
// tests/testing/format_rows.ts in the suite that all of them pass.
import { BMP } from "./bmp/format.ts";
import type { Encoding } from "./coding/encoding.ts";
import type { Format } from "./coding/format.ts";
import { GIF } from "./gif/format.ts";
import { AVIF, HEIC } from "./heif/format.ts";
import { ICO } from "./ico/format.ts";
import { JPEG } from "./jpeg/format.ts";
import { JXL } from "./jxl/format.ts";
import { APNG, PNG } from "./png/format.ts";
import { SVG } from "./svg/format.ts";
import { TIFF } from "./tiff/format.ts";
import { WEBP } from "./webp/format.ts";

/** The formats by the words that name them in a URL, in the order in which bytes are tried and pages list them. */
export const FORMATS = {
  jpeg: JPEG,
  png: PNG,
  apng: APNG,
  gif: GIF,
  webp: WEBP,
  avif: AVIF,
  heic: HEIC,
  jxl: JXL,
  tiff: TIFF,
  bmp: BMP,
  ico: ICO,
  svg: SVG,
} as const satisfies Readonly<Record<string, Format>>;

type Table = typeof FORMATS;
export type FormatName = keyof Table;

/** The names of the entries that say what `Said` says. */
type Named<Said> = {
  [Name in FormatName]: Table[Name] extends Said ? Name : never;
}[FormatName];

/** The formats that are written. */
export type OutputFormat = Named<{ encoding: Encoding }>;
/** Those of them that may lose something. */
export type LossyFormat = Named<{ encoding: { quality: object } }>;
/** Those of them that take long to write. */
export type SlowFormat = Named<{ encoding: { negotiated: { maxPixels: number } } }>;

export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
const entries: Readonly<Record<FormatName, Format>> = FORMATS;

export const OUTPUT_FORMATS = FORMAT_NAMES.filter((name) =>
  entries[name].encoding
) as OutputFormat[];
export const LOSSY_FORMATS = OUTPUT_FORMATS.filter((name) =>
  encodingOf(name).quality
) as LossyFormat[];
/** Those that clients get unasked if they name them, the smallest first. */
export const NEGOTIATED_FORMATS = OUTPUT_FORMATS.filter((name) => encodingOf(name).negotiated)
  .sort((a, b) => encodingOf(a).negotiated!.bytes - encodingOf(b).negotiated!.bytes);
export const SLOW_FORMATS = OUTPUT_FORMATS.filter((name) =>
  encodingOf(name).negotiated?.maxPixels
) as SlowFormat[];

/** The formats that are written, by all words for them in a URL. */
export const FORMAT_WORDS: ReadonlyMap<string, OutputFormat> = new Map([
  ...OUTPUT_FORMATS.map((name) => [name, name] as const),
  ...OUTPUT_FORMATS.flatMap((name) =>
    (entries[name].aliases ?? []).map((alias) => [alias, name] as const)
  ),
]);

/** All that is said of a format, whichever it is. */
export function formatOf(name: FormatName): Format {
  return entries[name];
}

/** Whether what is of one media type may as well be called by another. */
export function goesBy(mediaType: string, name: string): boolean {
  const entry = Object.values(entries).find((entry) => entry.mediaType === mediaType);
  return mediaType === name || entry?.alsoCalled?.some((other) => other === name) === true;
}

/** The extensions of file names of a media type, the first of which is the one that is given; none for no image. */
export function extensionsOf(mediaType: string): readonly string[] {
  return Object.values(entries).find((entry) => entry.mediaType === mediaType)?.extensions ?? [];
}

/** How a format is written. */
export function encodingOf(name: OutputFormat): Encoding {
  return entries[name].encoding!;
}
