// What is to be known of a font before it draws: what it is called, how high its lines are, and which characters
// it has. The file is the operator's, and may be broken all the same (OpenType 1.9, chapter "The OpenType Font File").

/** What a font's file says of it. */
export interface FontFacts {
  /** The family by which drawings ask for it. */
  family: string;
  /** Which of the family it is: its weight in whole hundreds, as CSS has it, and whether its letters lean. */
  weight: number;
  isItalic: boolean;
  /** How far its letters reach above and below the line, as shares of their size. */
  ascent: number;
  descent: number;
  /** Whether it has a glyph for the character of this number. */
  has(codePoint: number): boolean;
}

/** The tables without which nothing is drawn; of outlines there are two kinds. */
const NEEDED = ["cmap", "head", "hhea", "hmtx", "maxp", "name"], OUTLINES = ["glyf", "CFF "];

/** Reads a TrueType or OpenType file, or the first font of a collection. Throws an Error that says what is wrong. */
export function readFont(bytes: Uint8Array): FontFacts {
  try {
    return factsOf(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new Error("is cut short or damaged");
    throw error;
  }
}

function factsOf(bytes: Uint8Array): FontFacts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tables = tablesOf(view);
  const missing = NEEDED.find((name) => !tables.has(name));
  if (missing !== undefined) throw new Error(`has no table ${missing}`);
  if (!OUTLINES.some((name) => tables.has(name))) throw new Error("has no outlines");
  const unitsPerEm = tables.get("head")!.getUint16(18);
  if (unitsPerEm < 16 || unitsPerEm > 16_384) throw new Error("is cut short or damaged");
  const lines = tables.get("hhea")!, letters = tables.get("OS/2");
  const weight = Math.round((letters?.getUint16(4) ?? REGULAR) / 100) * 100;
  const [ascent, depth] = [4, 6].map((at) => Math.abs(lines.getInt16(at)));
  // Many fonts keep room below their lines for what no letter of theirs reaches down to.
  const descent = letters ? Math.min(depth!, Math.abs(letters.getInt16(70))) : depth!;
  const glyphOf = readCharacters(tables.get("cmap")!);
  return {
    family: familyOf(tables.get("name")!),
    weight: Math.min(900, Math.max(100, weight)),
    isItalic: ((letters?.getUint16(62) ?? 0) & 1) === 1,
    ascent: ascent! / unitsPerEm,
    descent: descent / unitsPerEm,
    has(codePoint) {
      try {
        return glyphOf(codePoint) !== 0;
      } catch (error) {
        if (error instanceof RangeError) return false;
        throw error;
      }
    },
  };
}

const REGULAR = 400;
const TRUE_TYPE = 0x00010000;

function tablesOf(view: DataView): Map<string, DataView> {
  const signature = tagAt(view, 0);
  const start = signature === "ttcf" ? view.getUint32(12) : 0;
  const isFont = view.getUint32(start) === TRUE_TYPE ||
    ["OTTO", "true"].includes(tagAt(view, start));
  if (!isFont) throw new Error("is no TrueType or OpenType font");
  return new Map(
    Array.from({ length: view.getUint16(start + 4) }, (_, index) => {
      const record = start + 12 + index * 16;
      return [
        tagAt(view, record),
        part(view, view.getUint32(record + 8), view.getUint32(record + 12)),
      ];
    }),
  );
}

function tagAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
}

/** Throws a RangeError where it does not lie within the view. */
function part(view: DataView, start: number, length: number): DataView {
  return new DataView(
    view.buffer,
    view.byteOffset + start,
    Math.min(length, view.byteLength - start),
  );
}

/** Numbers of names: the family that other programs list, and that of the four usual styles. */
const TYPOGRAPHIC_FAMILY = 16, FAMILY = 1;

function familyOf(names: DataView): string {
  const found = new Map<number, string>();
  const texts = names.getUint16(4);
  for (let index = 0; index < names.getUint16(2); index++) {
    const record = 6 + index * 12;
    const [platform, , , name] = [0, 2, 4, 6].map((at) => names.getUint16(record + at));
    if ((name !== FAMILY && name !== TYPOGRAPHIC_FAMILY) || found.has(name)) continue;
    const bytes = part(
      names,
      texts + names.getUint16(record + 10),
      names.getUint16(record + 8),
    );
    const label = platform === 1 ? "macintosh" : "utf-16be";
    found.set(name, new TextDecoder(label).decode(bytes).trim());
  }
  const family = found.get(TYPOGRAPHIC_FAMILY) ?? found.get(FAMILY);
  if (!family) throw new Error("does not say what it is called");
  // What draws splits lists of families at their commas, and knows no escapes.
  if (/[,"'\p{Cc}]/u.test(family)) throw new Error("has a name that nothing can ask for");
  return family;
}

/** The number of the glyph of a character; 0 for none. May throw a RangeError. */
type Characters = (codePoint: number) => number;

/** Of the tables of Unicode characters the one that has most: format 12, or format 4, which ends at U+FFFF. */
function readCharacters(cmap: DataView): Characters {
  const tables = Array.from({ length: cmap.getUint16(2) }, (_, index) => {
    const record = 4 + index * 8;
    const platform = cmap.getUint16(record), encoding = cmap.getUint16(record + 2);
    const at = cmap.getUint32(record + 4);
    const isUnicode = platform === 0 || (platform === 3 && [1, 10].includes(encoding));
    return { format: isUnicode ? cmap.getUint16(at) : 0, at };
  });
  for (const [format, read] of [[12, inGroups], [4, inSegments]] as const) {
    const table = tables.find((table) => table.format === format);
    if (table) return read(new DataView(cmap.buffer, cmap.byteOffset + table.at));
  }
  throw new Error("has no table of Unicode characters");
}

function inGroups(table: DataView): Characters {
  const count = table.getUint32(12);
  return (codePoint) => {
    for (let index = 0; index < count; index++) {
      const group = 16 + index * 12;
      const first = table.getUint32(group);
      if (codePoint < first) return 0;
      if (codePoint <= table.getUint32(group + 4)) {
        return table.getUint32(group + 8) + codePoint - first;
      }
    }
    return 0;
  };
}

function inSegments(table: DataView): Characters {
  const length = table.getUint16(6);
  const ends = 14, starts = ends + length + 2, deltas = starts + length, offsets = deltas + length;
  return (codePoint) => {
    for (let at = 0; at < length; at += 2) {
      if (codePoint > table.getUint16(ends + at)) continue;
      const start = table.getUint16(starts + at);
      if (codePoint < start) return 0;
      const delta = table.getUint16(deltas + at), offset = table.getUint16(offsets + at);
      if (offset === 0) return (codePoint + delta) & 0xffff;
      const glyph = table.getUint16(offsets + at + offset + 2 * (codePoint - start));
      return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
    }
    return 0;
  };
}
