// AVIF files with properties that no encoder at hand writes, around a picture that one did.
import { createReader } from "../../src/image/formats/reading/byte_reader.ts";
import { findPicture } from "../../src/image/formats/heif/find_picture.ts";
import { box, u16Big, u32Big } from "./heif_boxes.ts";
import { ascii } from "./sample_images.ts";

const NONE = [0, 0, 0, 0];

export interface AvifRecipe {
  /** Boxes that are said of the picture, in their order, all of them essential. */
  properties?: readonly (readonly number[])[];
  brand?: string;
  /** Whether the `meta` box comes last and tells no size. */
  sizeless?: boolean;
  /** Whether the picture is the other one's alpha, which has no colours. */
  isAlpha?: boolean;
  /** How often 255 properties are said of the picture that there are none of. */
  associated?: number;
}

/** The picture of an AVIF in a file of its own. */
export function avifWith(
  picture: Uint8Array,
  { properties = [], brand = "avif", sizeless = false, isAlpha = false, associated = 0 }:
    AvifRecipe,
): Uint8Array<ArrayBuffer> {
  const data = picture.subarray(...dataOf(picture, { isAlpha }));
  // The first is the picture's, and the last its alpha's, where it has any.
  const configs = boxesIn(picture, "av1C");
  const own = [isAlpha ? configs.at(-1)! : configs[0]!, boxesIn(picture, "ispe")[0]!];
  const ftyp = box("ftyp", ascii(brand), NONE, ascii("mif1"), ascii("miaf"));
  const mdat = box("mdat", [...data]);
  const metaAt = (at: number) =>
    box(
      "meta",
      NONE,
      box("hdlr", NONE, NONE, ascii("pict"), Array(12).fill(0), [0]),
      box("pitm", NONE, u16Big(1)),
      // Offsets and lengths of 32 bits, one item in one piece.
      box("iloc", NONE, [0x44, 0], ...[1, 1, 0, 1].map(u16Big), u32Big(at), u32Big(data.length)),
      box(
        "iinf",
        NONE,
        u16Big(1),
        box("infe", [2, 0, 0, 0], ...[1, 0].map(u16Big), ascii("av01"), [0]),
      ),
      box(
        "iprp",
        box("ipco", ...own, ...properties.map((property) => [...property])),
        box(
          "ipma",
          ...[NONE, u32Big(1 + associated), u16Big(1), [2 + properties.length, 0x81, 2]],
          properties.map((_, index) => 0x80 | 3 + index),
          Array(associated).fill([...u16Big(1), 255, ...Array(255).fill(0x7f)]).flat(),
        ),
      ),
    );
  if (!sizeless) {
    const meta = metaAt(0);
    return Uint8Array.from([...ftyp, ...metaAt(ftyp.length + meta.length + 8), ...mdat]);
  }
  return Uint8Array.from([...ftyp, ...mdat, ...NONE, ...metaAt(ftyp.length + 8).slice(4)]);
}

/** Where the data of an AVIF's primary picture, or of its alpha, are: one piece. */
export function dataOf(bytes: Uint8Array, { isAlpha = false } = {}): [start: number, end: number] {
  const meta = findPicture(createReader(bytes, { name: "AVIF", maxSteps: 1000 })).meta!;
  const id = isAlpha ? meta.alphaOf.get(meta.primaryId)! : meta.primaryId;
  const { start, end } = meta.items.get(id)!.pieces[0]!;
  return [start, end];
}

/** Where the first box of a type begins. */
export function findType(bytes: Uint8Array, type: string): number {
  const found = bytes.findIndex((_, at) => hasType(bytes, at, type));
  if (found === -1) throw new Error(`There is no ${type} box`);
  return found;
}

function boxesIn(bytes: Uint8Array, type: string): number[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return [...bytes.keys()].filter((at) => hasType(bytes, at, type))
    .map((at) => [...bytes.subarray(at, at + view.getUint32(at))]);
}

function hasType(bytes: Uint8Array, at: number, type: string): boolean {
  return ascii(type).every((letter, index) => bytes[at + 4 + index] === letter);
}
