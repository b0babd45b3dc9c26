// Animated PNGs put together chunk by chunk, also such as no encoder writes.
import { deflateSync } from "node:zlib";
import { type Chunk, writeChunks, writeIhdr } from "../../src/image/formats/png/chunks.ts";
import { COLOURS } from "./pictures.ts";
import { pngChunk, u32s } from "./png_file.ts";

export interface ApngPart {
  /** Letters, each of so many pixels as the file's scale says. */
  rows: readonly string[];
  /** In letters. */
  left?: number;
  top?: number;
  /** Numerator and denominator of the seconds that it is shown; 7/100 unless told. */
  delay?: readonly [number, number];
  dispose?: "background" | "previous";
  blends?: boolean;
  /** Pieces that its pixels lie in. */
  pieces?: number;
  /** In place of what belongs there. */
  sequence?: number;
  data?: Uint8Array;
  control?: Partial<Record<"left" | "top" | "width" | "height" | "dispose" | "blend", number>>;
}

export interface ApngRecipe {
  /** In letters. */
  width: number;
  height: number;
  parts: readonly ApngPart[];
  scale?: number;
  /** Whether the first picture is for viewers that show none that move, and no part of the animation. */
  still?: readonly string[];
  plays?: number;
  /** What the file says of how many frames it has. */
  frames?: number;
  /** Behind the header. */
  chunks?: readonly Chunk[];
}

/** The file, as RGBA of 8 bits. */
export function apngFile(recipe: ApngRecipe): Uint8Array<ArrayBuffer> {
  return writeChunks(apngChunks(recipe));
}

/** Its chunks but the last, to be put in another order. */
export function apngChunks(recipe: ApngRecipe): Chunk[] {
  const { width, height, parts, scale = 4, still, plays = 0, frames, chunks = [] } = recipe;
  let sequence = 0;
  const numbered = (type: string, given: number | undefined, data: Uint8Array): Chunk =>
    pngChunk(type, ...u32s(given ?? sequence++), ...data);
  return [
    writeIhdr({ width: width * scale, height: height * scale, colourType: 6 }),
    ...chunks,
    pngChunk("acTL", ...u32s(frames ?? parts.length, plays)),
    ...(still ? [{ type: "IDAT", data: pixelData(still, scale) }] : []),
    ...parts.flatMap((part, index) => {
      const control = numbered("fcTL", part.sequence, controlOf(part, scale));
      const data = part.data ?? pixelData(part.rows, scale);
      const pieces = piecesOf(data, part.pieces ?? 1);
      const isDefault = index === 0 && !still;
      return [
        control,
        ...pieces.map((piece) =>
          isDefault ? { type: "IDAT", data: piece } : numbered("fdAT", undefined, piece)
        ),
      ];
    }),
  ];
}

function controlOf(
  { rows, left = 0, top = 0, delay = [7, 100], dispose, blends, control = {} }: ApngPart,
  scale: number,
): Uint8Array {
  const [numerator, denominator] = delay;
  const size = {
    width: rows[0]!.length * scale,
    height: rows.length * scale,
    left: left * scale,
    top: top * scale,
    dispose: dispose === "background" ? 1 : dispose === "previous" ? 2 : 0,
    blend: blends ? 1 : 0,
    ...control,
  };
  return Uint8Array.from([
    ...u32s(size.width, size.height, size.left, size.top),
    ...[numerator >> 8, numerator & 255, denominator >> 8, denominator & 255],
    ...[size.dispose, size.blend],
  ]);
}

/** The compressed rows of a picture of letters. */
export function pixelData(rows: readonly string[], scale: number): Uint8Array {
  const lines = rows.flatMap((row) => {
    const line = [...row].flatMap((letter) =>
      Array.from({ length: scale }, () => COLOURS[letter]!).flat()
    );
    return Array.from({ length: scale }, () => [0, ...line]);
  });
  return deflateSync(Uint8Array.from(lines.flat()));
}

function piecesOf(data: Uint8Array, count: number): Uint8Array[] {
  const size = Math.ceil(data.length / count);
  return Array.from(
    { length: count },
    (_, index) => data.subarray(index * size, (index + 1) * size),
  );
}
