// Our own TIFF decoder, for plain samples: the engine's inverts greys of 2 and 4 bits, loses the alpha beside
// a palette, takes CMYK for RGBA where a tag is missing, and lacks codes that others have.
import { zstdDecompressSync } from "node:zlib";
import type { Engine } from "../../pixels/engine.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { Inflater } from "../coding/inflate.ts";
import { type ByteReader, createReader } from "../reading/byte_reader.ts";
import { undecodable } from "../reading/image_header.ts";
import { rowUnpacker, sumUp } from "./segment_samples.ts";
import { bytesOf, readFields, type TiffDirectory } from "./tiff_fields.ts";
import { readLayout, rowBytes, type Segment, type TiffLayout } from "./tiff_layout.ts";
import { pixelsOf, type Samples } from "./tiff_pixels.ts";
import { isOldLzw, unpackBits, unpackLzw } from "./unpack.ts";
import { headOf } from "./write_directory.ts";

export interface DecodedTiff {
  pixels: PixelBuffer;
  /** A TIFF of one pixel that tells profile and metadata. */
  head: Uint8Array;
  /** Whether strips or tiles are missing or damaged. */
  isPartial: boolean;
}

const TIFF = { name: "TIFF", maxSteps: 200_000 };
const ICC = 34675, XMP = 700, IPTC = 33723;

/**
 * The page of the directory; undefined where it is of another kind, which the engine reads. Throws
 * `undecodable` where none of it can be decoded.
 */
export function decodeTiff(
  bytes: Uint8Array,
  { directory, engine, inflater }: {
    directory: TiffDirectory;
    engine: Engine;
    inflater: Inflater;
  },
): DecodedTiff | undefined {
  const reader = createReader(bytes, TIFF);
  const layout = readLayout(reader, directory);
  if (!layout) return undefined;
  const { width, height, model, bits, segments } = layout;
  if (layout.packing === "lzw" && isOldLzw(bytes.subarray(segments[0]!.start))) return undefined;
  const raw = model === "palette";
  const store: Samples = raw && bits === 16
    ? new Uint16Array(width * height * layout.samples)
    : new Uint8Array(width * height * layout.samples);
  let rows = 0, expected = 0;
  for (const segment of segments) {
    const visible = Math.min(segment.height, height - segment.y);
    expected += visible;
    const data = unpack(reader, { segment, layout, engine, inflater });
    if (layout.differences !== "none") sumUp(data, segment, layout);
    rows += keep(data, { segment, layout, store, raw, visible });
  }
  if (rows === 0) throw undecodable("The TIFF file has no pixels that can be decoded");
  const pixels = pixelsOf(store, layout);
  const photometric = model === "cmyk" ? 5 : pixels.channels < 3 ? 1 : 2;
  const kept = new Map<number, Uint8Array>();
  for (const [tag, field] of readFields(reader, directory)) {
    if ([ICC, XMP, IPTC].includes(tag)) kept.set(tag, bytesOf(reader, field));
  }
  // A profile of L*a*b* says nothing of the sRGB that it has become.
  if (model === "lab") kept.delete(ICC);
  const { channels: samples, hasAlpha } = pixels;
  return {
    pixels,
    head: headOf({ photometric, samples, hasAlpha, kept }),
    isPartial: rows < expected,
  };
}

/** Puts the rows that are there into their place, and gives their number. */
function keep(
  data: Uint8Array,
  { segment, layout, store, raw, visible }: {
    segment: Segment;
    layout: TiffLayout;
    store: Samples;
    raw: boolean;
    /** Rows that the picture has of it. */
    visible: number;
  },
): number {
  const { width, samples: all } = layout;
  const { x, y, sample, samples } = segment;
  const there = Math.min(visible, Math.floor(data.length / rowBytes(segment, layout)));
  const row = new Uint16Array(segment.width * samples);
  const unpackRow = rowUnpacker(segment, layout, { raw });
  const across = Math.min(segment.width, width - x);
  for (let line = 0; line < there; line++) {
    unpackRow(data, line, row);
    const to = ((y + line) * width + x) * all;
    if (samples === all) {
      store.set(row.subarray(0, across * samples), to);
      continue;
    }
    for (let pixel = 0; pixel < across; pixel++) store[to + pixel * all + sample] = row[pixel]!;
  }
  return there;
}

/** The bytes of a segment, as many as can be had, in an array of their own. */
function unpack(
  reader: ByteReader,
  { segment, layout, engine, inflater }: {
    segment: Segment;
    layout: TiffLayout;
    engine: Engine;
    inflater: Inflater;
  },
): Uint8Array {
  const data = reader.bytes.subarray(segment.start, segment.end);
  const length = rowBytes(segment, layout) * segment.height;
  if (data.length === 0) return new Uint8Array();
  switch (layout.packing) {
    case "none":
      return layout.mirrored
        ? data.subarray(0, length).map((byte) => MIRRORED[byte]!)
        : data.slice(0, length);
    case "lzw":
      return unpackLzw(data, length);
    case "packbits":
      return unpackBits(data, length);
    case "deflate":
      return inflater.inflate(data, length);
    case "zstd":
      return unpackZstd(data, length);
    case "webp":
      return readByEngine(engine, data, {
        segment,
        format: "WEBP",
        mapping: segment.samples === 4 ? "RGBA" : "RGB",
      });
    case "jpeg": {
      const tables = layout.jpegTables && bytesOf(reader, layout.jpegTables);
      const file = tables ? withTables(data, tables) : data;
      // The engine takes inks for what files of Adobe's have instead: what is left of the paper.
      return readByEngine(engine, file, { segment, format: "JPEG", mapping: "CMYK" })
        .map((ink) => 255 - ink);
    }
  }
}

/** Both are JPEG files from a start to an end, the tables without a picture. */
function withTables(data: Uint8Array, tables: Uint8Array): Uint8Array {
  const file = new Uint8Array(tables.length - 2 + data.length - 2);
  file.set(tables.subarray(0, -2));
  file.set(data.subarray(2), tables.length - 2);
  return file;
}

/** Each byte with its bits the other way round. */
const MIRRORED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let mirrored = 0;
  for (let bit = 0; bit < 8; bit++) mirrored |= (byte >> bit & 1) << (7 - bit);
  return mirrored;
});

function unpackZstd(data: Uint8Array, length: number): Uint8Array {
  try {
    return new Uint8Array(zstdDecompressSync(data, { maxOutputLength: length }));
  } catch {
    return new Uint8Array();
  }
}

/** A picture within the picture, of the size of its segment; nothing where it is of another or damaged. */
function readByEngine(
  engine: Engine,
  file: Uint8Array,
  { segment, format, mapping }: {
    segment: Segment;
    format: "WEBP" | "JPEG";
    mapping: "RGB" | "RGBA" | "CMYK";
  },
): Uint8Array {
  try {
    return engine.ImageMagick.read(file, new engine.MagickReadSettings({ format }), (image) => {
      const { width, height } = image;
      if (width !== segment.width || height > segment.height) return new Uint8Array();
      return image.getPixels((area) => area.toByteArray(0, 0, width, height, mapping))!;
    });
  } catch (error) {
    if (!(error instanceof engine.MagickError)) throw error;
    return new Uint8Array();
  }
}
