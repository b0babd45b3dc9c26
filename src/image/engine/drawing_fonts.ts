// The fonts that drawings have letters from. As of what draws, the engine's process has their bytes from the start.
import { fonts } from "@embedpdf/fonts-latin";
import { readShared } from "./shared_file.ts";

/** Noto Sans, upright: regular and bold. It has Latin, Greek and Cyrillic letters. */
export const BUILT_IN: readonly string[] = fonts
  .filter(({ weight, italic }) => (weight === 400 || weight === 700) && !italic)
  .map(({ file }) => file);

/** Where scripts/compile.ts embeds them, compressed. */
const EMBEDDED = "../../../dist";

/** The built-in fonts' files, compressed in the compiled program. Takes permission to read. */
export async function readFonts(): Promise<Uint8Array<SharedArrayBuffer>[]> {
  const urlOf = (file: string) =>
    Deno.build.standalone
      ? new URL(`${EMBEDDED}/${file}.gz`, import.meta.url)
      : new URL(`../fonts/${file}`, import.meta.resolve("@embedpdf/fonts-latin"));
  return await Promise.all(BUILT_IN.map((file) => readShared(urlOf(file))));
}
