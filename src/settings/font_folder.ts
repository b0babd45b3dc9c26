// The operator's fonts: the files of one folder, each looked into at the start, so that a broken one is told of then
// and not by a picture.
import { createHash } from "node:crypto";
import { readFont } from "../image/fonts/font_file.ts";
import type { FontPlace } from "../image/fonts/font_set.ts";

export interface OperatorFonts {
  files: readonly FontPlace[];
  /** Tells whether they are still the same; empty for none. */
  digest: string;
}

export const NO_FONTS: OperatorFonts = { files: [], digest: "" };

/** What a worker reads for every text that needs them; all are kept in memory. */
export const FONT_LIMITS = { files: 200, fileBytes: 32e6, allBytes: 128e6 };

/** All fonts of a folder, by their names. Rejects with one sentence that names the setting. */
export async function readFontFolder(
  folder: string,
  { readDir, stat, readFile }: Pick<typeof Deno, "readDir" | "stat" | "readFile">,
): Promise<OperatorFonts> {
  if (folder === "") return NO_FONTS;
  try {
    const files: string[] = [];
    for await (const { name, isDirectory } of readDir(folder)) {
      if (!isDirectory && /^[^.].*\.(?:ttf|otf|ttc)$/i.test(name)) files.push(name);
    }
    if (files.length === 0) throw new Error("holds no TrueType or OpenType font");
    if (files.length > FONT_LIMITS.files) {
      throw new Error(`holds more than ${FONT_LIMITS.files} fonts`);
    }
    const digest = createHash("sha256");
    const found = new Map<string, FontPlace>();
    let bytes = 0;
    for (const file of files.sort()) {
      const path = `${folder.replace(/[/\\]$/, "")}/${file}`;
      const name = nameOf(file);
      const twin = found.get(name);
      if (twin) throw new Error(`holds two fonts of the name ${name}`);
      const { size, isFile } = await stat(path);
      // To read a pipe waits for who writes into it, and a device may have no end.
      if (!isFile) throw new Error(`${file} is no plain file`);
      if (size > FONT_LIMITS.fileBytes) throw tooLarge(file, FONT_LIMITS.fileBytes);
      if ((bytes += size) > FONT_LIMITS.allBytes) throw tooLarge("all", FONT_LIMITS.allBytes);
      const font = await readFile(path);
      checkFont(file, font);
      digest.update(`${name} ${font.length} `).update(font);
      found.set(name, { name, path });
    }
    return { files: [...found.values()], digest: digest.digest("base64url").slice(0, 22) };
  } catch (cause) {
    throw new Error(`-fontDir cannot be ${folder}: ${(cause as Error).message}`, { cause });
  }
}

/** The name of its file without the extension; what no option can be written with becomes a hyphen. */
function nameOf(file: string): string {
  return file.replace(/\.\w+$/, "").replaceAll(/[^\p{L}\p{M}\p{N}_.-]+/gu, "-")
    .replaceAll(/^-+|-+$/g, "");
}

function checkFont(file: string, bytes: Uint8Array): void {
  try {
    readFont(bytes);
  } catch (cause) {
    throw new Error(`${file} ${(cause as Error).message}`, { cause });
  }
}

function tooLarge(what: string, most: number): Error {
  return new Error(`${what} ${what === "all" ? "have" : "has"} more than ${most / 1e6} MB`);
}
