// Where a line of text may end, and which of its characters belong together.

// Made when it is needed: the first takes four megabytes, which a worker at rest has better uses for.
function segments(text: string, granularity: "grapheme" | "word"): Intl.Segments {
  return new Intl.Segmenter("und", { granularity }).segment(text);
}

/** Characters with the marks that stand on them. */
export function charactersOf(text: string): string[] {
  return [...segments(text, "grapheme")].map(({ segment }) => segment);
}

/** A piece of a line that is broken only where it fits on none, with the blanks behind it. */
export interface Piece {
  text: string;
  blanks: string;
}

/**
 * The pieces of a line: what stands between blanks, behind hyphens, and the words of scripts that are written
 * without blanks.
 */
export function piecesOf(line: string): Piece[] {
  const pieces: Piece[] = [];
  let text = "";
  const end = (blanks: string) => {
    pieces.push({ text, blanks });
    text = "";
  };
  for (const { segment, isWordLike } of segments(line, "word")) {
    if (BLANK.test(segment)) {
      const last = pieces.at(-1);
      if (text === "" && last) last.blanks += segment;
      else end(segment);
      continue;
    }
    const isBreak = isWordLike
      ? HYPHENED.test(text) || (UNSPACED.test(segment) && !OPENING.test(text))
      : UNSPACED_END.test(text) && OPENING.test(segment);
    if (text !== "" && isBreak) end("");
    text += segment;
  }
  if (text !== "") end("");
  return pieces;
}

/** No-break spaces are none. */
const BLANK = /^(?![\u00a0\u202f])[\p{Zs}\u200b]+$/u;
const SCRIPTS =
  "[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}]";
const UNSPACED = new RegExp(`^${SCRIPTS}`, "u"), UNSPACED_END = new RegExp(`${SCRIPTS}$`, "u");
const OPENING = /[\p{Ps}\p{Pi}]$/u;
const HYPHENED = /[\p{L}\p{N}][-\u2010\u2013\u2014\u00ad]$/u;
