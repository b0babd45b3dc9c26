// What a PNG says beside its pixels, in a form that the engine reads in no time: profile and metadata then
// come to the frame in the engine's own way. Nothing else of the file is shown to the engine.
import { deflateSync, inflateSync } from "node:zlib";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { type Chunk, readChunks, writeChunks, writeIhdr } from "./chunks.ts";
import { COLOUR_TYPES } from "./rows/colour_types.ts";

/** A PNG of one pixel with so many channels, and the profile, EXIF, XMP and IPTC of another one. */
export function headOfPng(
  bytes: Uint8Array,
  { channels }: Pick<PixelBuffer, "channels">,
): Uint8Array {
  const said = new Map<string, Chunk>();
  for (const chunk of readChunks(bytes)) {
    const name = nameOf(chunk);
    if (name && !said.has(name)) said.set(name, chunk);
  }
  // A filter's number, and a pixel that is neither grey nor opaque, where there is a choice.
  const row = Uint8Array.of(0, 200, 100, 50, 128).subarray(0, channels + 1);
  return writeChunks([
    writeIhdr({ width: 1, height: 1, colourType: COLOUR_TYPES[channels] }),
    // Of each name only the first is looked into: to inflate any number of them would take long.
    ...[...said.values()].filter(isModest),
    { type: "IDAT", data: deflateSync(row) },
  ]);
}

const XMP = "XML:com.adobe.xmp";
/** As ImageMagick and its kin write EXIF, IPTC and XMP. */
const RAW_PROFILE = /^Raw profile type [a-z0-9]{1,8}$/;

/** What a chunk holds that may be wanted; undefined where that is nothing. */
function nameOf({ type, data }: Chunk): string | undefined {
  if (type === "iCCP" || type === "eXIf") return type;
  if (!["tEXt", "zTXt", "iTXt"].includes(type)) return undefined;
  const keyword = textAt(data);
  return keyword === XMP || RAW_PROFILE.test(keyword) ? keyword : undefined;
}

/** No profile and no honest metadata is larger, inflated. */
const MOST_BYTES = 4 << 20;

/** Whether a chunk stays within bounds once the engine inflates it. */
function isModest({ type, data }: Chunk): boolean {
  const compressed = compressedIn({ type, data });
  if (!compressed) return data.length <= MOST_BYTES;
  try {
    inflateSync(compressed, { maxOutputLength: MOST_BYTES });
    return true;
  } catch {
    return false;
  }
}

function compressedIn({ type, data }: Chunk): Uint8Array | undefined {
  const afterName = textAt(data).length + 1;
  if (type === "iCCP" || type === "zTXt") return data.subarray(afterName + 1);
  if (type !== "iTXt" || data[afterName] !== 1) return undefined;
  // Behind a flag and a method two more texts end with a zero: a language and the keyword in it.
  const language = data.indexOf(0, afterName + 2);
  const keyword = data.indexOf(0, language + 1);
  return language < 0 || keyword < 0 ? data : data.subarray(keyword + 1);
}

/** The text that a zero ends, of at most 79 letters. */
function textAt(data: Uint8Array): string {
  const end = data.subarray(0, 80).indexOf(0);
  return end < 0 ? "" : String.fromCharCode(...data.subarray(0, end));
}
