// What a file says about its picture. All of it is dropped unless asked for, because it tells where and
// by whom a photo was taken; what is kept must not turn the picture a second time.
import type { IMagickImage } from "@imagemagick/magick-wasm";

/** What of a picture's metadata stays in the result. */
export type MetadataChoice = "keep" | "copyright";

/** What a file says beside its pixels, under the engine's names. */
export type Profiles = Partial<Record<"icc" | "exif" | "xmp" | "iptc", Uint8Array>>;

const ORIENTATION = 0x0112, ARTIST = 0x013b, COPYRIGHT = 0x8298;
const SHORT = 3, ASCII = 2;
const UPRIGHT = 1;

/** Takes all metadata from a frame but what was chosen, and its profile if that is to stay. */
export function filterMetadata(
  frame: IMagickImage,
  { choice, keepProfile }: { choice: MetadataChoice | undefined; keepProfile: boolean },
): void {
  const kept = new Map<string, Uint8Array>();
  const keep = (name: string, change: (data: Uint8Array) => Uint8Array | undefined) => {
    const data = frame.getProfile(name)?.data;
    const changed = data && change(data.slice());
    if (changed) kept.set(name, changed);
  };
  if (keepProfile) keep("icc", (data) => data);
  if (choice === "copyright") keep("exif", copyrightOf);
  if (choice === "keep") {
    keep("exif", upright);
    keep("xmp", (data) => uprightXmp(data));
    keep("iptc", (data) => data);
  }
  frame.strip();
  // The engine writes it into the EXIF that is put back here.
  frame.orientation = kept.size > 0 ? UPRIGHT : 0;
  for (const [name, data] of kept) giveProfile(frame, name, data);
}

/** What a frame has beside its pixels, copies. */
export function profilesOf(frame: IMagickImage): Profiles {
  const names = ["icc", "exif", "xmp", "iptc"] as const;
  const found = names.map((name) => [name, frame.getProfile(name)?.data.slice()] as const);
  return Object.fromEntries(found.filter(([, data]) => data));
}

/** Puts a profile under the engine's name of it; the engine refuses those that make no sense, and then it is dropped. */
export function giveProfile(frame: IMagickImage, name: string, data: Uint8Array): void {
  try {
    frame.setProfile(name, data);
  } catch {
    frame.removeProfile(name);
  }
}

/** Sets the orientation to 1, in place; a block that cannot be read is dropped. */
export function upright(exif: Uint8Array): Uint8Array | undefined {
  const block = openExif(exif);
  if (!block) return undefined;
  for (const { tag, type, at } of block.entries) {
    if (tag === ORIENTATION && type === SHORT) block.view.setUint16(at + 8, UPRIGHT, block.little);
  }
  return exif;
}

/** A new block that holds the artist and the copyright of another one, if it has any. */
export function copyrightOf(exif: Uint8Array): Uint8Array | undefined {
  const block = openExif(exif);
  if (!block) return undefined;
  const texts = [ARTIST, COPYRIGHT].flatMap((wanted) => {
    const entry = block.entries.find(({ tag, type }) => tag === wanted && type === ASCII);
    if (!entry) return [];
    const length = block.view.getUint32(entry.at + 4, block.little);
    const start = length <= 4 ? entry.at + 8 : block.view.getUint32(entry.at + 8, block.little);
    const bytes = block.tiff.subarray(start, start + length);
    return bytes.length === length && length > 0 ? [{ tag: wanted, bytes }] : [];
  });
  return texts.length > 0 ? writeExif(texts) : undefined;
}

interface Entry {
  tag: number;
  type: number;
  at: number;
}

function openExif(exif: Uint8Array) {
  // JPEG puts "Exif\0\0" before the TIFF file; HEIF an offset of four bytes, which the engine takes off.
  const start = String.fromCharCode(...exif.subarray(0, 4)) === "Exif" ? 6 : 0;
  const tiff = exif.subarray(start);
  const mark = String.fromCharCode(...tiff.subarray(0, 4));
  if (tiff.length < 14 || (mark !== "II*\0" && mark !== "MM\0*")) return undefined;
  const little = mark === "II*\0";
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const directory = view.getUint32(4, little);
  if (directory + 2 > tiff.length) return undefined;
  const count = view.getUint16(directory, little);
  const entries: Entry[] = [];
  for (let index = 0; index < count; index++) {
    const at = directory + 2 + index * 12;
    if (at + 12 > tiff.length) break;
    entries.push({ tag: view.getUint16(at, little), type: view.getUint16(at + 2, little), at });
  }
  return { tiff, view, little, entries };
}

/** A big-endian block with one directory of texts, in the order of their tags. */
function writeExif(texts: readonly { tag: number; bytes: Uint8Array }[]): Uint8Array {
  const directory = 8;
  let free = directory + 2 + texts.length * 12 + 4;
  const end = texts.reduce((sum, { bytes }) => sum + Math.max(4, bytes.length) + 1, free);
  const block = new Uint8Array(6 + end);
  const view = new DataView(block.buffer, 6);
  block.set([..."Exif\0\0MM\0*"].map((letter) => letter.charCodeAt(0)));
  view.setUint32(4, directory);
  view.setUint16(directory, texts.length);
  texts.forEach(({ tag, bytes }, index) => {
    const at = directory + 2 + index * 12;
    view.setUint16(at, tag);
    view.setUint16(at + 2, ASCII);
    view.setUint32(at + 4, bytes.length);
    const place = bytes.length <= 4 ? at + 8 : free;
    if (bytes.length > 4) {
      view.setUint32(at + 8, free);
      free += bytes.length + (bytes.length & 1);
    }
    block.set(bytes, 6 + place);
  });
  return block.subarray(0, 6 + free);
}

/** XMP repeats the orientation as an attribute or element; both spellings are set to 1. */
function uprightXmp(xmp: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(xmp);
  return new TextEncoder().encode(
    text.replace(/(tiff:Orientation\s*(?:=\s*["']|>)\s*)[1-8]/g, (_, start: string) => `${start}1`),
  );
}
