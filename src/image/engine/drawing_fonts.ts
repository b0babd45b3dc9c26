// The fonts that letters are drawn in. As of what draws, the engine's process has their bytes from the start. The
// packages are imported for their places: what is used of them are files alone.
import "@embedpdf/fonts-arabic";
import "@embedpdf/fonts-hebrew";
import _latin from "dejavu-sans/package.json" with { type: "json" };
import { readShared } from "./shared_file.ts";

/** A font as its file is read, for all threads to share. */
export interface SharedFont {
  name: string;
  bytes: Uint8Array<SharedArrayBuffer>;
}

/**
 * The built-in fonts, the usual one first: the smallest packages of free fonts as TrueType that have Latin, Greek
 * and Cyrillic, Hebrew and Arabic letters. Each lies where `file` says from a module of its package.
 */
const BUILT_IN = [
  {
    name: "DejaVuSans",
    module: "dejavu-sans/package.json",
    file: "fonts/dejavu-sans-webfont.ttf",
  },
  {
    name: "NotoSansHebrew",
    module: "@embedpdf/fonts-hebrew",
    file: "../fonts/NotoSansHebrew-Regular.ttf",
  },
  {
    name: "NotoNaskhArabic",
    module: "@embedpdf/fonts-arabic",
    file: "../fonts/NotoNaskhArabic-Regular.ttf",
  },
] as const;

/** Where scripts/compile.ts embeds them, compressed, each under its name. */
const EMBEDDED = "../../../dist";

/** The built-in fonts' files, compressed in the compiled program. Takes permission to read. */
export async function readFonts(): Promise<SharedFont[]> {
  return await Promise.all(BUILT_IN.map(async ({ name, module, file }) => {
    const url = Deno.build.standalone
      ? new URL(`${EMBEDDED}/${name}.ttf.gz`, import.meta.url)
      : new URL(file, import.meta.resolve(module));
    return { name, bytes: await readShared(url) };
  }));
}
