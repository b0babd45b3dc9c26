// The answer where something is asked of a picture instead of the picture: plain text for one fact, JSON for
// several or for what the header says.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import { type Fact, factsOf } from "../options/facts.ts";
import { laysOver } from "../options/overlay.ts";
import type { Options } from "../options/table.ts";
import type { Raster } from "../paint/raster.ts";
import { smallRaster } from "../paint/summary.ts";
import type { Encoder } from "./formats/encode.ts";
import { DEFAULT_ENCODING } from "./formats/encoding.ts";
import { fileFacts } from "./formats/file_facts.ts";
import type { ImageHeader } from "./formats/read_header.ts";
import type { Engine } from "./pixels/engine.ts";
import { writeRaster } from "./rasters.ts";

export interface FactsAnswer {
  bytes: Uint8Array<ArrayBuffer>;
  mediaType: string;
}

/** Whether the header is all that is asked about: nothing is decoded for that. */
export function needsHeaderOnly(options: Options): boolean {
  const facts = factsOf(options);
  return facts.length > 0 && facts.every(({ tellsOf }) => tellsOf === "header");
}

/**
 * Options under which a picture that is only described is made: one frame, and no larger than anything here
 * looks at unless they say how large.
 */
export function describedOptions(options: Options): Options {
  const { format: _format, ...others } = options;
  const { size, zoom, aspect, pad } = others;
  // What lies over a picture may have a size in pixels.
  const isSized = laysOver(options) ||
    [size, zoom, aspect, pad].some((it) => it !== undefined);
  return {
    ...others,
    frame: others.frame ?? 0,
    ...(isSized ? {} : { size: { width: SMALL_SIDE, height: SMALL_SIDE }, fit: "inside" }),
  };
}

/** Tells of a header alone. */
export function tellHeader(header: ImageHeader, bytes: number): FactsAnswer {
  return json(fileFacts(header, bytes));
}

/** Tells what is asked of a finished picture; `picture` is its one frame as samples. */
export async function tellPicture(
  { options, header, bytes, picture }: {
    options: Options;
    header: ImageHeader;
    /** Length of the original. */
    bytes: number;
    picture: Raster;
  },
  tiny: (small: Raster) => Promise<string>,
): Promise<FactsAnswer> {
  const facts = factsOf(options);
  const small = smallRaster(picture, SMALL_SIDE);
  const told = async ({ name, tellsOf, tell }: Fact) =>
    tellsOf === "header"
      ? fileFacts(header, bytes)
      : tellsOf === "tiny picture"
      ? await tiny(small)
      : tell!(small, options[name]);
  const [first, ...others] = facts;
  if (others.length === 0) {
    const value = await told(first!);
    return text(Array.isArray(value) ? value.join("\n") : String(value));
  }
  const members: Record<string, unknown> = {};
  for (const fact of facts) {
    const value = await told(fact);
    if (fact.tellsOf === "header") Object.assign(members, value);
    else members[fact.name] = value;
  }
  return json(members);
}

/** The longest side of what is looked at, in pixels: ThumbHash takes no more, and nothing here sees more. */
const SMALL_SIDE = 100;

/** Characters of the longest data URL that is a placeholder. */
const LONGEST_PLACEHOLDER = 500;

/** A data URL of a tiny WebP of the picture, which takes the place of the first frame. */
export async function tinyPicture(
  frames: IMagickImageCollection,
  { small, encoder, engine }: { small: Raster; encoder: Encoder; engine: Engine },
): Promise<string> {
  for (let side = 24;; side -= 4) {
    writeRaster(frames[0]!, smallRaster(small, side), engine);
    const bytes = await encoder.encode(frames, {
      format: "webp",
      options: { quality: 30 },
      settings: DEFAULT_ENCODING,
    });
    const url = `data:image/webp;base64,${bytes.toBase64()}`;
    // 16 pixels take less, whatever they are.
    if (url.length <= LONGEST_PLACEHOLDER || side === 4) return url;
  }
}

function text(value: string): FactsAnswer {
  return { bytes: new TextEncoder().encode(`${value}\n`), mediaType: "text/plain" };
}

function json(value: unknown): FactsAnswer {
  return {
    bytes: new TextEncoder().encode(`${JSON.stringify(value)}\n`),
    mediaType: "application/json",
  };
}
