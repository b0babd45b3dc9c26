// What an option is. The table holds the options, the parser reads them, the pipeline applies them:
// this file is the contract between the three, and knows none of them.
import { ProxyError } from "../errors.ts";
import type { Colour, Raster } from "../paint/raster.ts";
import { withoutOwnUserinfo, withoutUserinfo } from "./userinfo.ts";

/**
 * How a token is recognised: by the whole word, by `name:`, by its first letters, or as a size. An option
 * may have both words and a name, or both a name and first letters, which then go before a colon too.
 */
export type Tokens =
  | { words?: readonly string[]; name?: string }
  | { prefixes: readonly string[]; name?: string }
  | { size: true };

/** A token as the parser hands it to its option. */
export interface Token {
  /** The whole token as sent. */
  text: string;
  /** The word, name or prefix that matched; empty for a size. */
  key: string;
  /** What follows the key (and the colon of a named option). */
  value: string;
}

/** What an effect may need to know beside its value. */
export interface PaintSettings {
  /** How many pixels stand for one of the URL. */
  scale: number;
  /** The colour of what is cut off; transparent where the format has that. */
  outside: Colour;
  /** How the corners will be rounded: pixels of the URL, a share of the shorter side, or a circle. */
  rounding?: number | "circle" | undefined;
  /**
   * What the option of this name lays over a picture of this size, in the size that it has there; undefined for
   * nothing.
   */
  layer?(name: string, picture: { width: number; height: number }): Raster | undefined;
  /** How much of all frames together has each brightness from 0 to 255, before any effect. */
  histogram(): Float64Array;
}

/** What options have to do with, for people who look for one. */
export const GROUPS = {
  size: "Size and format",
  crop: "Crop",
  turn: "Turn",
  room: "Background, room, corners",
  effects: "Effects",
  over: "Overlays and text",
  answer: "Frames, metadata, saving",
  facts: "Facts instead of the picture",
  access: "Presets and access",
} as const;
export type Group = keyof typeof GROUPS;

export interface Option<T> {
  group: Group;
  /** How the option is written, for people: `r{90|180|270}`. */
  syntax: string;
  /** One sentence for the documentation. */
  summary: string;
  /** Tokens of this option, the first of which the documentation shows in a picture. */
  examples: readonly string[];
  tokens: Tokens;
  /** Whether the result depends on it; the signature and the expiry do not touch the picture. */
  transforms: boolean;
  /**
   * Reads one token. `earlier` is what an earlier token of the same option said.
   * Throws a ProxyError "malformed" that names the token and what is accepted.
   */
  parse(token: Token, earlier: T | undefined): T;
  /** The canonical tokens of a value; none where the value says nothing. */
  format(value: T): readonly string[];
  /** Changes the pixels, in place, of one frame that already has its final shape. */
  paint?(picture: Raster, value: T, settings: PaintSettings): void;
  /** What the answer says instead of showing the picture, told of a small copy of what it would show. */
  tell?(small: Raster, value: T): string | readonly string[];
  /** Where it is told from, if not from that. */
  tellsOf?: "header" | "tiny picture";
}

/** The error for a token that cannot be read; `accepted` completes the sentence. */
export function malformed(token: Pick<Token, "text">, accepted: string): ProxyError {
  return new ProxyError("malformed", `Cannot parse option ${quote(token.text)}: ${accepted}`);
}

/** Quotes what a client sent: without a password, cut to 80 characters, control characters escaped. */
export function quote(text: string): string {
  const shown = withoutUserinfo(text);
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 80)}…` : shown);
}

/** The same of what is meant to be one URL. */
export function quoteUrl(url: string): string {
  return quote(withoutOwnUserinfo(url));
}
