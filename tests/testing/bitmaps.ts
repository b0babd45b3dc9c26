// BMP files and icons made byte by byte, for what no encoder writes but files in use contain.

export interface BitmapRecipe {
  /** Of the header: it tells the generation. */
  size?: 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124;
  width: number;
  /** Negative where the first row is the highest. */
  height: number;
  bits: number;
  compression?: number;
  /** Red, green, blue, alpha. */
  masks?: readonly number[];
  /** Blue, green, red and nothing of each colour; OS/2's first header leaves out the nothing. */
  palette?: readonly (readonly [number, number, number])[];
  /** How many the header counts; as many as there are unless told. */
  colours?: number;
  data: readonly number[];
}

/** The bitmap header, its masks, palette and pixels, and where among them the pixels begin. */
export function bitmap(recipe: BitmapRecipe): { bytes: number[]; pixelsAt: number } {
  const { size = 40, width, height, bits, compression = 0, masks = [], palette = [] } = recipe;
  const { colours = palette.length, data } = recipe;
  const isCore = size === 12;
  const fields = isCore ? [...u32(size), ...u16(width), ...u16(height), ...u16(1), ...u16(bits)] : [
    ...[size, width, height].flatMap(u32),
    ...[1, bits].flatMap(u16),
    ...[compression, 0, 0, 0, colours, 0, ...(size > 40 ? masks : [])].flatMap(u32),
  ];
  const header = Array.from({ length: size }, (_, at) => fields[at] ?? 0);
  const behind = size === 40 ? masks.flatMap(u32) : [];
  const table = palette.flatMap(([red, green, blue]) => [blue, green, red, ...isCore ? [] : [0]]);
  const before = [...header, ...behind, ...table];
  return { bytes: [...before, ...data], pixelsAt: before.length };
}

/** A BMP file; its size and the place of its pixels are right unless told. */
export function bmpFile(
  recipe: BitmapRecipe,
  { size, pixelsAt }: { size?: number; pixelsAt?: number } = {},
): Uint8Array<ArrayBuffer> {
  const made = bitmap(recipe);
  return Uint8Array.of(
    ...[0x42, 0x4d, ...u32(size ?? 14 + made.bytes.length), 0, 0, 0, 0],
    ...u32(pixelsAt ?? 14 + made.pixelsAt),
    ...made.bytes,
  );
}

/** An icon (1) or cursor (2) of these pictures, whose directory says nothing of their sizes. */
export function iconFile(
  pictures: readonly (readonly number[])[],
  kind: 1 | 2 = 1,
): Uint8Array<ArrayBuffer> {
  let at = 6 + 16 * pictures.length;
  const directory = pictures.flatMap((picture) => {
    const entry = [0, 0, 0, 0, 0, 0, 0, 0, ...u32(picture.length), ...u32(at)];
    at += picture.length;
    return entry;
  });
  return Uint8Array.of(0, 0, kind, 0, ...u16(pictures.length), ...directory, ...pictures.flat());
}

export function u16(value: number): number[] {
  return [value & 255, value >>> 8 & 255];
}

export function u32(value: number): number[] {
  return [value & 255, value >>> 8 & 255, value >>> 16 & 255, value >>> 24];
}
