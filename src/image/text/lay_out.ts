// Text in lines of at most a width, and where each piece of them lies. Lengths are shares of the size of letters,
// so that nothing here knows a picture.
import type { Drawer } from "../formats/coding/codec.ts";
import { charactersOf, type Piece, piecesOf } from "./break_lines.ts";
import { measure } from "./measure.ts";
import { type FindFont, type Run, runsOf } from "./runs.ts";

export interface PlacedRun extends Run {
  /** From the left end of its line. */
  x: number;
}

export interface Line {
  runs: PlacedRun[];
  width: number;
  /** Above and below the letters' own line. */
  ascent: number;
  descent: number;
}

/** Throws a ProxyError "malformed" for what no font has. */
export function layOut(
  text: string,
  { width, findFont, drawer }: { width: number; findFont: FindFont; drawer: Drawer },
): Line[] {
  const paragraphs = text.split("\n");
  const widthOf = measurer(paragraphs.flatMap(piecesOf), { findFont, drawer });
  const broken = paragraphs.flatMap((paragraph) =>
    breakLines(piecesOf(paragraph), { width, widthOf }).map(({ start, end }) => {
      return runsOf(paragraph, { start, end, findFont });
    })
  );
  const widths = measure(broken.flat(), drawer).values();
  // A line of nothing is as high as one of usual letters.
  const usual = findFont(" ", undefined);
  return broken.map((runs) => {
    let x = 0;
    const placed = runs.map((run) => {
      const placed = { ...run, x };
      x += widths.next().value!;
      return placed;
    });
    const fonts = runs.length > 0 ? runs.map(({ font }) => font) : [usual];
    return {
      runs: placed,
      width: x,
      ascent: Math.max(...fonts.map(({ ascent }) => ascent)),
      descent: Math.max(...fonts.map(({ descent }) => descent)),
    };
  });
}

/** The widths of pieces, and of single characters of those that are wider than any line. */
function measurer(
  pieces: readonly Piece[],
  { findFont, drawer }: { findFont: FindFont; drawer: Drawer },
): (texts: readonly string[]) => number[] {
  const known = new Map<string, number>();
  const learn = (texts: readonly string[]) => {
    const unknown = [...new Set(texts)].filter((text) => !known.has(text));
    if (unknown.length === 0) return;
    const runs = unknown.map((text) => runsOf(text, { start: 0, end: text.length, findFont }));
    const widths = measure(runs.flat(), drawer).values();
    for (const [at, text] of unknown.entries()) {
      known.set(text, runs[at]!.reduce((sum) => sum + widths.next().value!, 0));
    }
  };
  learn(pieces.flatMap(({ text, blanks }) => [text, blanks]));
  return (texts) => {
    learn(texts);
    return texts.map((text) => known.get(text)!);
  };
}

/** Where lines begin and end; the blanks at their ends are left out. */
function breakLines(
  pieces: readonly Piece[],
  { width, widthOf }: { width: number; widthOf: (texts: readonly string[]) => number[] },
): { start: number; end: number }[] {
  const lines: { start: number; end: number }[] = [];
  let at = 0, start = 0, end = 0, filled = 0, blank = 0;
  const endLine = () => {
    lines.push({ start, end });
    start = end = at;
    filled = blank = 0;
  };
  const put = (text: string, wide: number) => {
    if (end > start && filled + blank + wide > width) endLine();
    filled += blank + wide;
    blank = 0;
    end = at += text.length;
  };
  for (const { text, blanks } of pieces) {
    const [wide = 0, gap = 0] = widthOf([text, blanks]);
    if (wide <= width) put(text, wide);
    else {
      if (end > start) endLine();
      const characters = charactersOf(text);
      const widths = widthOf(characters);
      for (const [index, character] of characters.entries()) put(character, widths[index]!);
    }
    at += blanks.length;
    blank += gap;
  }
  return [...lines, { start, end }];
}
