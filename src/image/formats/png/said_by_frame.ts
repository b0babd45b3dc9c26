// What a frame has to say beside its pixels, as the chunks of a PNG.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { deflateSync } from "node:zlib";
import { concatenate } from "../coding/concatenate.ts";
import type { Chunk } from "./chunks.ts";

/** The profile and the metadata that the frame still has. */
export function saidByFrame(frame: IMagickImage): Chunk[] {
  const chunks: Chunk[] = [];
  const add = (name: string, write: (data: Uint8Array) => Chunk) => {
    const data = frame.getProfile(name)?.data;
    if (data && data.length > 0) chunks.push(write(data.slice()));
  };
  add("icc", (data) => compressed("iCCP", "icc", data));
  // EXIF without the introduction that JPEG has.
  add("exif", (data) => ({ type: "eXIf", data: data.subarray(startsWith(data, EXIF) ? 6 : 0) }));
  add("xmp", (data) => ({ type: "iTXt", data: concatenate([latin1(XMP), data]) }));
  // No chunk is made for IPTC: this is how ImageMagick and ExifTool write it.
  add("iptc", (data) => compressed("zTXt", "Raw profile type iptc", latin1(asHex("iptc", data))));
  return chunks;
}

const EXIF = "Exif\0\0";
/** The keyword, and four zeros: not compressed, no language, no keyword in it. */
const XMP = "XML:com.adobe.xmp\0\0\0\0\0";
const LINE = 72;

function asHex(name: string, data: Uint8Array): string {
  const digits = Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const lines = digits.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  return `\n${name}\n${String(data.length).padStart(8)}\n${lines.join("\n")}\n`;
}

/** A keyword, the method 0, and data under zlib. */
function compressed(type: string, keyword: string, data: Uint8Array): Chunk {
  return { type, data: concatenate([latin1(`${keyword}\0\0`), deflateSync(data)]) };
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function startsWith(data: Uint8Array, text: string): boolean {
  return [...text].every((letter, at) => data[at] === letter.charCodeAt(0));
}
