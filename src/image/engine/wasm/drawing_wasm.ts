// The WebAssembly that draws SVGs, with a ceiling on its memory. The engine's process has its bytes from the
// start, as it can read nothing later; a worker compiles them when it has something to draw.
import { createFontSet } from "../../fonts/font_set.ts";
import type { Drawing } from "../../formats/coding/codec.ts";
import type { SharedFont } from "./drawing_fonts.ts";
import { limitMemory } from "./limit_memory.ts";
import { readShipped, unpacked } from "./shared_file.ts";

const FILE = {
  packaged: "@resvg/resvg-wasm/index_bg.wasm",
  embedded: "resvg.wasm.gz",
} as const;
/** Bytes that drawings can ever take in one worker. */
const CEILING = 512 << 20;

/** What a worker needs to draw, as files are read; its threads share the bytes. */
export interface DrawingFiles {
  wasm: Uint8Array<SharedArrayBuffer>;
  fonts: readonly SharedFont[];
  operatorFonts: readonly SharedFont[];
}

/** The WebAssembly's bytes, compressed in the compiled program. Takes permission to read. */
export async function readDrawing(): Promise<Uint8Array<SharedArrayBuffer>> {
  return await readShipped(FILE);
}

/** Makes such files ready to draw with, in no more memory than the operator grants a worker's engine. */
export async function prepareDrawing(
  { wasm, fonts, operatorFonts }: DrawingFiles,
  memoryCeiling = Infinity,
): Promise<Drawing> {
  const limited = limitMemory(unpacked(wasm), Math.min(CEILING, memoryCeiling));
  return {
    module: await WebAssembly.compile(limited),
    fonts: createFontSet(
      fonts.map(({ name, bytes }) => ({ name, bytes: unpacked(bytes) })),
      operatorFonts,
    ),
  };
}
