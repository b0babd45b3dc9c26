// What a file says about its picture. All of it is dropped unless asked for, because it tells where and
// by whom a photo was taken; what is kept must not turn the picture a second time.
import type { IMagickImage } from "@imagemagick/magick-wasm";

/** What of a picture's metadata stays in the result. */
export type MetadataChoice = "keep" | "copyright";

/** What a file says beside its pixels, under the engine's names. */
export type Profiles = Partial<Record<"icc" | "exif" | "xmp" | "iptc", Uint8Array>>;

const ORIENTATION = 0x0112, ARTIST = 0x013b, COPYRIGHT = 0x8298;
const WIDTHS = [0x0100, 0xa002], HEIGHTS = [0x0101, 0xa003];
const COLOUR_SPACE = 0xa001, INTEROPERABILITY = 0x0001;
const THUMBNAIL_AT = 0x0201, THUMBNAIL_BYTES = 0x0202;
/** What points to further directories: EXIF's own, and that of how files are exchanged. */
const DIRECTORIES = [0x8769, 0xa005];
const ASCII = 2, SHORT = 3, LONG = 4;
const UPRIGHT = 1, SRGB = 1;

/** What is true of a picture, whatever was said of the one that it was made of. */
export interface Truth {
  width: number;
  height: number;
  /** Whether its values are sRGB's; otherwise a profile tells what they are. */
  isSrgb: boolean;
}

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
    const truth = { width: frame.width, height: frame.height, isSrgb: !kept.has("icc") };
    keep("exif", (data) => trueExif(data, truth));
    keep("xmp", (data) => trueXmp(data, truth));
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

/**
 * Says of the result what is true, in place: that it is upright, how large it is, and that it is sRGB where it is. The
 * thumbnail is wiped out, since it shows what may have been cropped. A block that cannot be read is dropped.
 */
export function trueExif(
  exif: Uint8Array,
  { width, height, isSrgb }: Truth,
): Uint8Array | undefined {
  const block = openExif(exif);
  if (!block) return undefined;
  const { tiff, view, little } = block;
  const { entries, nextAt } = block.directory(block.first);
  for (const pointer of [...entries]) {
    if (!DIRECTORIES.includes(pointer.tag)) continue;
    const inner = block.directory(numberIn(pointer) ?? 0).entries;
    entries.push(...inner);
    for (const nested of inner) {
      if (DIRECTORIES.includes(nested.tag)) {
        entries.push(...block.directory(numberIn(nested) ?? 0).entries);
      }
    }
  }
  for (const entry of entries) {
    if (entry.tag === ORIENTATION) write(entry, UPRIGHT);
    if (WIDTHS.includes(entry.tag)) write(entry, width);
    if (HEIGHTS.includes(entry.tag)) write(entry, height);
    if (entry.tag === COLOUR_SPACE && isSrgb) write(entry, SRGB);
    if (entry.tag === INTEROPERABILITY && entry.type === ASCII && isSrgb) {
      // "R03" is how cameras say that it is Adobe RGB, "R98" that it is sRGB.
      if (tiff[entry.at + 8] === 0x52) tiff.set([0x39, 0x38], entry.at + 9);
    }
  }
  const thumbnail = nextAt === undefined ? 0 : view.getUint32(nextAt, little);
  if (nextAt !== undefined && thumbnail > 0) {
    const { entries } = block.directory(thumbnail);
    const [at, length] = [THUMBNAIL_AT, THUMBNAIL_BYTES].map((tag) =>
      numberIn(entries.find((entry) => entry.tag === tag))
    );
    if (at !== undefined && length !== undefined) tiff.fill(0, at, at + length);
    view.setUint32(nextAt, 0, little);
  }
  return exif;

  function numberIn(entry: Entry | undefined): number | undefined {
    if (entry?.type === SHORT) return view.getUint16(entry.at + 8, little);
    return entry?.type === LONG ? view.getUint32(entry.at + 8, little) : undefined;
  }
  function write({ type, at }: Entry, value: number): void {
    if (type === SHORT) view.setUint16(at + 8, Math.min(value, 0xffff), little);
    else if (type === LONG) view.setUint32(at + 8, value, little);
  }
}

/** A new block that holds the artist and the copyright of another one, if it has any. */
export function copyrightOf(exif: Uint8Array): Uint8Array | undefined {
  const block = openExif(exif);
  if (!block) return undefined;
  const texts = [ARTIST, COPYRIGHT].flatMap((wanted) => {
    const entry = block.directory(block.first).entries
      .find(({ tag, type }) => tag === wanted && type === ASCII);
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
  return { tiff, view, little, first: view.getUint32(4, little), directory };

  /** The entries of a directory, and where the offset of the next one stands. */
  function directory(start: number): { entries: Entry[]; nextAt: number | undefined } {
    const entries: Entry[] = [];
    if (start < 8 || start + 2 > tiff.length) return { entries, nextAt: undefined };
    const count = view.getUint16(start, little);
    for (let index = 0; index < count; index++) {
      const at = start + 2 + index * 12;
      if (at + 12 > tiff.length) return { entries, nextAt: undefined };
      entries.push({ tag: view.getUint16(at, little), type: view.getUint16(at + 2, little), at });
    }
    const nextAt = start + 2 + count * 12;
    return { entries, nextAt: nextAt + 4 > tiff.length ? undefined : nextAt };
  }
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

/**
 * XMP repeats what EXIF says, in attributes or elements. A gain map that it announces is not there any more, nor is the
 * profile that it names.
 */
function trueXmp(xmp: Uint8Array, { width, height, isSrgb }: Truth): Uint8Array {
  const numbers = [
    ["tiff:Orientation", UPRIGHT],
    ["(?:tiff:ImageWidth|exif:PixelXDimension)", width],
    ["(?:tiff:ImageLength|exif:PixelYDimension)", height],
    ...isSrgb ? [["exif:ColorSpace", SRGB]] as const : [],
  ] as const;
  let text = new TextDecoder().decode(xmp);
  for (const [name, value] of numbers) {
    text = text.replace(
      new RegExp(`(${name}\\s*(?:=\\s*["']|>)\\s*)\\d+`, "g"),
      (_, start: string) => `${start}${value}`,
    );
  }
  for (const name of ["hdrgm:Version", ...isSrgb ? ["photoshop:ICCProfile"] : []]) {
    text = text.replace(new RegExp(`\\s${name}\\s*=\\s*("[^"]*"|'[^']*')`, "g"), "")
      .replace(new RegExp(`<${name}>[^<]*</${name}>`, "g"), "");
  }
  return new TextEncoder().encode(text);
}
