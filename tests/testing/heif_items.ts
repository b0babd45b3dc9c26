// HEIF files of any items, stored in any of the ways in which ISO 14496-12 and ISO 23008-12 let them be.
import { createReader } from "../../src/image/formats/reading/byte_reader.ts";
import { findPicture } from "../../src/image/formats/heif/find_picture.ts";
import { readBoxes } from "../../src/image/formats/reading/isobmff.ts";
import { box, u16Big, u32Big } from "./heif_boxes.ts";
import { ascii } from "./sample_images.ts";

export interface Item {
  id: number;
  type: string;
  data: readonly number[];
  /** Whole boxes, in their order; those that change the picture are essential. */
  properties?: readonly (readonly number[])[];
  isHidden?: boolean;
  /** Where its data are cut into extents; these are stored from the last to the first. */
  cuts?: readonly number[];
  /** Whether its data lie in the `idat` box. */
  isInside?: boolean;
}

export interface Reference {
  type: string;
  from: number;
  to: readonly number[];
}

export interface HeifRecipe {
  brand?: string;
  compatible?: readonly string[];
  primary: number;
  items: readonly Item[];
  references?: readonly Reference[];
  /** Of the `iloc` box: 0, 1 or 2. */
  locations?: 0 | 1 | 2;
  /** Bytes of an offset and of a length: 4 unless told. */
  offsetBytes?: 4 | 8;
  /** Whether numbers of items have 32 bits wherever they can. */
  isWide?: boolean;
  /** Whether boxes tell their sizes in 64 bits. */
  isLong?: boolean;
  /** Whether the data come before what is said of them. */
  isDataFirst?: boolean;
}

const CHANGES = ["irot", "imir", "clap", "av1C", "hvcC", "lsel", "a1op"];

/** The bytes of a file of these items. */
export function heifFile(
  {
    brand = "avif",
    compatible = ["mif1", "miaf"],
    primary,
    items,
    references = [],
    locations = 1,
    offsetBytes = 4,
    isWide = false,
    isLong = false,
    isDataFirst = false,
  }: HeifRecipe,
): Uint8Array<ArrayBuffer> {
  const id = isWide ? u32Big : u16Big;
  const full = (version: number, flags = 0) => [version, 0, 0, flags];
  const place = (value: number) => [...offsetBytes === 8 ? u32Big(0) : [], ...u32Big(value)];
  const outer = (type: string, ...content: number[][]) =>
    isLong ? longBox(type, ...content) : box(type, ...content);

  const idat = items.filter(({ isInside }) => isInside).flatMap(({ data }) => [...data]);
  const pieces = items.filter(({ isInside }) => !isInside).flatMap((item) =>
    piecesOf(item).reverse().map((bytes) => ({ item, bytes }))
  );
  const mdat = outer("mdat", ...pieces.map(({ bytes }) => bytes));
  const header = isLong ? 16 : 8;
  const ftyp = box("ftyp", ascii(brand), u32Big(0), ...compatible.map((each) => ascii(each)));

  const metaAt = (dataAt: number) => {
    const entries = items.map((item) => {
      let inside = 0;
      for (const other of items) {
        if (other === item) break;
        if (other.isInside) inside += other.data.length;
      }
      const extents = item.isInside
        ? [{ at: inside, length: item.data.length }]
        : piecesOf(item).map((bytes) => {
          let at = dataAt;
          for (const piece of pieces) {
            if (piece.item === item && sameBytes(piece.bytes, bytes)) break;
            at += piece.bytes.length;
          }
          return { at, length: bytes.length };
        });
      return [
        ...locations === 2 ? u32Big(item.id) : u16Big(item.id),
        ...locations === 0 ? [] : u16Big(item.isInside ? 1 : 0),
        ...u16Big(0),
        ...u16Big(extents.length),
        ...extents.flatMap(({ at, length }) => [...place(at), ...place(length)]),
      ];
    });
    const properties = items.flatMap(({ properties = [] }) => properties.map((each) => [...each]));
    let last = 0;
    return outer(
      "meta",
      full(0),
      box("hdlr", full(0), u32Big(0), ascii("pict"), Array(12).fill(0), [0]),
      box("pitm", full(isWide ? 1 : 0), id(primary)),
      box(
        "iloc",
        full(locations),
        [offsetBytes << 4 | offsetBytes, 0],
        locations === 2 ? u32Big(items.length) : u16Big(items.length),
        ...entries,
      ),
      box(
        "iinf",
        full(0),
        u16Big(items.length),
        ...items.map((item) =>
          box(
            "infe",
            full(isWide ? 3 : 2, item.isHidden ? 1 : 0),
            id(item.id),
            [0, 0],
            ascii(item.type),
            [0],
          )
        ),
      ),
      ...references.length === 0 ? [] : [box(
        "iref",
        full(isWide ? 1 : 0),
        ...references.map(({ type, from, to }) =>
          box(type, id(from), u16Big(to.length), to.flatMap(id))
        ),
      )],
      box(
        "iprp",
        box("ipco", ...properties),
        box(
          "ipma",
          full(isWide ? 1 : 0, isWide ? 1 : 0),
          u32Big(items.length),
          ...items.map(({ id: number, properties = [] }) => [
            ...id(number),
            properties.length,
            ...properties.flatMap((property) => {
              const isEssential = CHANGES.includes(String.fromCharCode(...property.slice(4, 8)));
              const index = ++last;
              return isWide
                ? u16Big((isEssential ? 0x8000 : 0) | index)
                : [(isEssential ? 0x80 : 0) | index];
            }),
          ]),
        ),
      ),
      ...idat.length === 0 ? [] : [box("idat", idat)],
    );
  };
  if (isDataFirst) {
    return Uint8Array.from([...ftyp, ...mdat, ...metaAt(ftyp.length + header)]);
  }
  const { length } = metaAt(0);
  return Uint8Array.from([...ftyp, ...metaAt(ftyp.length + length + header), ...mdat]);
}

/** A box that tells its size in 64 bits. */
function longBox(type: string, ...content: number[][]): number[] {
  const body = content.flat();
  return [...u32Big(1), ...ascii(type), ...u32Big(0), ...u32Big(16 + body.length), ...body];
}

function piecesOf({ data, cuts = [] }: Item): number[][] {
  return [0, ...cuts].map((from, index) => data.slice(from, cuts[index] ?? data.length));
}

function sameBytes(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** What an AVIF or HEIC by an encoder is made of, to be used in another file: its primary picture, or the alpha of that. */
export function pictureOf(
  file: Uint8Array,
  { isAlpha = false } = {},
): Pick<Item, "type" | "data"> & { config: number[]; size: number[]; all: number[][] } {
  const reader = createReader(file, { name: "HEIF", maxSteps: 10_000 });
  const meta = findPicture(reader).meta!;
  const id = isAlpha ? meta.alphaOf.get(meta.primaryId)! : meta.primaryId;
  const { type, pieces: [data] } = meta.items.get(id)!;
  const boxes = [...boxesWithin(file, ["meta", "iprp", "ipco"])];
  const configs = boxes.filter(({ name }) => name === "av1C" || name === "hvcC");
  return {
    type,
    data: [...file.subarray(data!.start, data!.end)],
    config: (isAlpha ? configs.at(-1)! : configs[0]!).bytes,
    size: boxes.find(({ name }) => name === "ispe")!.bytes,
    all: boxes.map(({ bytes }) => bytes),
  };
}

function* boxesWithin(
  file: Uint8Array,
  path: string[],
): Generator<{ name: string; bytes: number[] }> {
  const reader = createReader(file, { name: "HEIF", maxSteps: 10_000 });
  let span = { start: 0, end: file.length };
  for (const step of path) {
    const found = [...readBoxes(reader, span)].find(({ type }) => type === step)!;
    span = { start: found.start + (step === "meta" ? 4 : 0), end: found.end };
  }
  for (const { type, at, end } of readBoxes(reader, span)) {
    yield { name: type, bytes: [...file.subarray(at, end)] };
  }
}
