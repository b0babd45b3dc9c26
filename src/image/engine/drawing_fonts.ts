// The fonts that drawings have letters from. As of what draws, the engine's process has their bytes from the start.
// The package is imported for its place: it has files alone.
import _package from "dejavu-sans/package.json" with { type: "json" };
import { readShared } from "./shared_file.ts";

/** DejaVu Sans, regular: with Latin, Greek and Cyrillic letters the smallest package of a free font as TrueType. */
export const BUILT_IN: readonly string[] = ["dejavu-sans-webfont.ttf"];

/** Where scripts/compile.ts embeds them, compressed. */
const EMBEDDED = "../../../dist";

/** The built-in fonts' files, compressed in the compiled program. Takes permission to read. */
export async function readFonts(): Promise<Uint8Array<SharedArrayBuffer>[]> {
  const urlOf = (file: string) =>
    Deno.build.standalone
      ? new URL(`${EMBEDDED}/${file}.gz`, import.meta.url)
      : new URL(`fonts/${file}`, import.meta.resolve("dejavu-sans/package.json"));
  return await Promise.all(BUILT_IN.map((file) => readShared(urlOf(file))));
}
