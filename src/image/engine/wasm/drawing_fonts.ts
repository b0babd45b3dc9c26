// The fonts that letters are drawn in. As of what draws, the engine's process has their bytes from the start. The
// packages are imported for their places: what is used of them are files alone.
import "@embedpdf/fonts-arabic";
import "@embedpdf/fonts-hebrew";
import _latin from "dejavu-sans/package.json" with { type: "json" };
import { BUILT_IN_FONTS } from "../../fonts/built_in.ts";
import type { FontPlace } from "../../fonts/font_set.ts";
import { readShared } from "./shared_file.ts";

/** A font as its file is read, for all threads to share. */
export interface SharedFont {
  name: string;
  bytes: Uint8Array<SharedArrayBuffer>;
}

/**
 * Where each of the built-in fonts lies from a module of its package: the smallest packages of free fonts as
 * TrueType that have Latin, Greek and Cyrillic, Hebrew and Arabic letters.
 */
const PACKAGED: Readonly<
  Record<(typeof BUILT_IN_FONTS)[number], { module: string; file: string }>
> = {
  DejaVuSans: { module: "dejavu-sans/package.json", file: "fonts/dejavu-sans-webfont.ttf" },
  NotoSansHebrew: {
    module: "@embedpdf/fonts-hebrew",
    file: "../fonts/NotoSansHebrew-Regular.ttf",
  },
  NotoNaskhArabic: {
    module: "@embedpdf/fonts-arabic",
    file: "../fonts/NotoNaskhArabic-Regular.ttf",
  },
};

/** Where scripts/compile.ts embeds them, compressed, each under its name. */
const EMBEDDED = "../../../../dist";

/** The built-in fonts' files, compressed in the compiled program. Takes permission to read. */
export async function readFonts(): Promise<SharedFont[]> {
  return await Promise.all(BUILT_IN_FONTS.map(async (name) => {
    const { module, file } = PACKAGED[name];
    const url = Deno.build.standalone
      ? new URL(`${EMBEDDED}/${name}.ttf.gz`, import.meta.url)
      : new URL(file, import.meta.resolve(module));
    return { name, bytes: await readShared(url) };
  }));
}

/** The operator's fonts, but for those that are not there any more. Takes permission to read. */
export async function readOperatorFonts(places: readonly FontPlace[]): Promise<SharedFont[]> {
  const read = await Promise.all(places.map(async ({ name, path }) => {
    const bytes = await readShared(path).catch(() => undefined);
    return bytes ? [{ name, bytes }] : [];
  }));
  return read.flat();
}
