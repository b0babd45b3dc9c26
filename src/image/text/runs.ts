// A line of text in runs of one font and one direction, from left to right as they are seen: what draws knows
// neither another direction than that of a line's first letter, nor fonts that join letters differently.
import type { Bidi } from "bidi-js";
import createBidi from "bidi-js/dist/bidi.mjs";
import { ProxyError } from "../../errors.ts";
import { quote } from "../../options/option.ts";
import type { Font, FontSet } from "../fonts/font_set.ts";
import { charactersOf } from "./break_lines.ts";

export interface Run {
  text: string;
  font: Font;
  rightToLeft: boolean;
}

/** Finds fonts for characters: the wanted one first, then that of the character before. */
export type FindFont = (character: string, before: Font | undefined) => Font;

/** Throws a ProxyError "malformed" for what no font has. */
export function createFindFont(fonts: FontSet, wanted: Font): FindFont {
  return (character, before) => {
    const font = fonts.fontFor(character, before ? [wanted, before] : [wanted]);
    if (font) return font;
    const codes = [...character].map((each) =>
      `U+${each.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`
    );
    throw new ProxyError(
      "malformed",
      `Cannot write ${quote(character)} (${codes.join(" ")}): no font of this server has it`,
    );
  };
}

const bidi: Bidi = createBidi();

/** The runs of part of a paragraph, in the order in which they are seen (UAX #9). */
export function runsOf(
  paragraph: string,
  { start, end, findFont }: { start: number; end: number; findFont: FindFont },
): Run[] {
  const { levels } = bidi.getEmbeddingLevels(paragraph);
  const runs: (Run & { level: number })[] = [];
  let at = start;
  for (const character of charactersOf(paragraph.slice(start, end))) {
    const level = levels[at]!;
    at += character.length;
    const last = runs.at(-1);
    const seen = character.replaceAll(CONTROLS, "");
    if (seen === "") continue;
    const font = findFont(seen, last?.font);
    // What draws has blanks at the end of a run on its right, whichever way that runs.
    const isApart = level % 2 === 1 && isBlank(seen) !== isBlank(last?.text ?? "");
    if (last?.font === font && last.level === level && !isApart) last.text += seen;
    else runs.push({ text: seen, font, level, rightToLeft: level % 2 === 1 });
  }
  return inSight(runs);
}

/** Rule L2: from the highest level down to the lowest odd one, whatever is of that level or above is turned over. */
function inSight<T extends { level: number }>(runs: readonly T[]): T[] {
  const seen = [...runs];
  const highest = Math.max(0, ...runs.map(({ level }) => level));
  for (let level = highest; level > 0; level--) {
    for (let from = 0; from < seen.length; from++) {
      let to = from;
      while (to < seen.length && seen[to]!.level >= level) to++;
      seen.splice(from, to - from, ...seen.slice(from, to).reverse());
      from = to;
    }
  }
  return seen;
}

export function isBlank(text: string): boolean {
  return /^\p{White_Space}*$/u.test(text);
}

/** What only says directions: it has done so by now. */
const CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
