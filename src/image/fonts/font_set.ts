// The fonts that letters are drawn in: those that come with the program and the operator's, by their names. What
// draws is handed those alone that it needs, since it reads each of them anew every time.
import { type FontFacts, readFont } from "./font_file.ts";

/** A font as it lies in a file. */
export interface FontFile {
  /** What options call it: that of its file, without the extension. */
  name: string;
  bytes: Uint8Array;
}

/** Where such a file is. */
export interface FontPlace {
  name: string;
  path: string;
}

export interface Font extends FontFile, FontFacts {}

export interface FontSet {
  /** Names, those of the operator's fonts first. */
  readonly names: readonly string[];
  /** The font of this name; undefined where there is none. */
  named(name: string): Font | undefined;
  /** What letters are drawn in that ask for no font. */
  readonly usual: Font;
  /** The first font that has all of a character with its marks: one of `preferred`, or another. */
  fontFor(character: string, preferred: readonly Font[]): Font | undefined;
  /** What a drawing of this text may have letters from. */
  forDrawing(text: string): readonly Font[];
}

/** `builtIn` must not be empty. Of the operator's fonts those that cannot be read are left out. */
export function createFontSet(
  builtIn: readonly FontFile[],
  operators: readonly FontFile[] = [],
): FontSet {
  const read = (file: FontFile): Font => ({ ...file, ...readFont(file.bytes) });
  const own = builtIn.map(read);
  const theirs = operators.flatMap((file) => {
    try {
      return [read(file)];
    } catch {
      // It was a font when the server started.
      return [];
    }
  });
  // A name of the operator's takes the place of one that is built in.
  const byName = new Map([...own, ...theirs].map((font) => [font.name, font]));
  const all = [...own, ...theirs];
  return {
    names: [...new Set([...theirs, ...own].map(({ name }) => name))],
    named: (name) => byName.get(name),
    usual: own[0]!,
    fontFor: (character, preferred) =>
      [...preferred, ...all].find((font) => hasAll(font, character)),
    forDrawing(text) {
      if (theirs.length === 0) return own;
      const lower = text.toLowerCase();
      const lacking = [...new Set(withCharacters(text))]
        .filter((each) => !own.some((font) => hasAll(font, each)));
      const needed = theirs.filter((font) =>
        lower.includes(font.family.toLowerCase()) || lacking.some((each) => hasAll(font, each))
      );
      return [...own, ...needed];
    },
  };
}

/** Text in which references to characters by number are those characters (XML 1.0 section 4.1). */
function withCharacters(text: string): string {
  return text.replaceAll(/&#(x?)([\da-f]{1,6});/gi, (whole, hex: string, digits: string) => {
    const code = parseInt(digits, hex ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Whether it draws a character with its marks, in one piece or from parts. */
export function hasAll({ has }: FontFacts, character: string): boolean {
  return (["NFC", "NFD"] as const).some((form) =>
    [...character.normalize(form)].every((each) =>
      IGNORABLE.test(each) || has(each.codePointAt(0)!)
    )
  );
}

/** What is not seen where a font has nothing for it (Unicode 16, section 5.21). */
const IGNORABLE = /^\p{Default_Ignorable_Code_Point}$/u;
