// How near pictures of the same file are to each other, and what follows from that: arithmetic alone.
import type { Raster } from "../../src/paint/raster.ts";

/** A picture as one program shows it, shrunk to at most 64 pixels a side. */
export interface Shown {
  /** The picture's own size. */
  width: number;
  height: number;
  small: Raster;
}

/** What a program makes of a file: a picture, or the sentence with which it refuses. */
export type Answer = Shown | string;

/** The longer side at which pictures are compared. */
export const SIDE = 64;
/** Mean levels by which two pictures may differ, over white and over black, and be equal. */
export const TOLERANCE = 8;

/** Mean levels between two pictures, over white or black, whichever shows more; Infinity where sizes differ. */
export function difference(a: Shown, b: Shown): number {
  if (a.width !== b.width || a.height !== b.height) return Infinity;
  if (a.small.data.length !== b.small.data.length) return Infinity;
  return Math.max(
    meanOver(255, a.small.data, b.small.data),
    meanOver(0, a.small.data, b.small.data),
  );
}

function meanOver(ground: number, a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 4) {
    const coverA = a[at + 3]! / 255, coverB = b[at + 3]! / 255;
    for (let channel = 0; channel < 3; channel++) {
      sum += Math.abs((a[at + channel]! - ground) * coverA - (b[at + channel]! - ground) * coverB);
    }
  }
  return sum / (a.length / 4 * 3);
}

/** The reference whose word counts alone too. */
export const BROWSER = "Chromium";

export type Verdict =
  /** Ours is equal to what two references show alike. */
  | "equal"
  /** Ours is what the browser shows, whom two others contradict that leave colours out of account. */
  | "browser"
  /** Ours is another picture than the one, or any of those, that two references show alike. */
  | "differs"
  /** Two references show alike what we refuse. */
  | "refused"
  /** No two references show the same. */
  | "unjudged";

export interface Judgement {
  verdict: Verdict;
  /** Mean levels to each reference that shows the file. */
  differences: Readonly<Record<string, number>>;
}

/** What two references show alike is right: a single one may be wrong, or leave something out. */
export function judge(ours: Answer, references: Readonly<Record<string, Answer>>): Judgement {
  const shown = Object.entries(references)
    .filter((entry): entry is [string, Shown] => typeof entry[1] !== "string");
  const agreeing = shown.filter(([name, picture]) =>
    shown.some(([other, rival]) => other !== name && difference(picture, rival) <= TOLERANCE)
  );
  const differences = typeof ours === "string"
    ? {}
    : Object.fromEntries(shown.map(([name, picture]) => [name, difference(ours, picture)]));
  if (agreeing.length === 0) return { verdict: "unjudged", differences };
  if (typeof ours === "string") return { verdict: "refused", differences };
  const isEqual = agreeing.some(([name]) => differences[name]! <= TOLERANCE);
  if (isEqual) return { verdict: "equal", differences };
  return { verdict: differences[BROWSER]! <= TOLERANCE ? "browser" : "differs", differences };
}
