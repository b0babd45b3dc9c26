// What the arguments of foreign options say: numbers of a range, booleans, colours, percent escapes.
import { ProxyError } from "../errors.ts";
import { formatColour, parseColour } from "../options/colour.ts";
import { formatNumber, parseDecimal, parseInteger } from "../options/number.ts";
import { quote } from "../options/option.ts";
import { type ForeignEntry, malformedOption, type WrittenOption } from "./dialect.ts";

/** What a table has under a word of a URL; of the words that every object knows, nothing. */
export function ownOf<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The one argument as a whole number of the range; throws a ProxyError that gives it. */
export function wholeOf(
  { text, name, args }: WrittenOption,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
): number {
  const value = parseInteger(args[0] ?? "");
  if (value !== undefined && value >= min && value <= max && args.length === 1) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw malformedOption(text, `${name} takes a whole number ${range}`);
}

/** The first argument as a number of the range; throws a ProxyError that gives it. */
export function decimalOf(
  { text, name, args }: WrittenOption,
  { min, max }: { min: number; max: number },
): number {
  const value = parseDecimal((args[0] ?? "").replace(/^\+/, ""));
  if (value !== undefined && value >= min && value <= max) return value;
  throw malformedOption(text, `${name} takes a number from ${min} to ${max}`);
}

/** A number as tokens have it, with at most three decimals. */
export function decimalText(value: number): string {
  return formatNumber(Number(value.toFixed(3)));
}

/** The value inside of the range. */
export function clamped(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, value));
}

/** As Go's ParseBool has it; what is neither is not true. */
export function isTrue(text: string | undefined): boolean {
  return /^(?:1|t|true)$/i.test(text ?? "");
}

export function isFalse(text: string | undefined): boolean {
  return /^(?:0|f|false)$/i.test(text ?? "");
}

/** A colour of CSS in this program's spelling: a name, hex digits with or without #, rgb() or rgba(). */
export function colourOf({ text, name }: WrittenOption, colour: string): string {
  const written = colour.trim().replace(/^#/, "");
  const numbers = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)(?:[\s,/]+([\d.]+)(%?))?\s*\)$/i
    .exec(written);
  if (numbers) {
    const [red = 0, green = 0, blue = 0] = numbers.slice(1, 4).map((channel) =>
      clamped(Math.round(Number(channel)), 0, 255)
    );
    const alpha = numbers[4] === undefined ? 1 : Number(numbers[4]) / (numbers[5] ? 100 : 1);
    return formatColour([red, green, blue, Math.round(clamped(alpha, 0, 1) * 255)]);
  }
  const parsed = parseColour(written);
  if (parsed) return formatColour(parsed);
  throw malformedOption(text, `${name} takes a colour by name or in hex digits`);
}

/** Percent escapes undone; throws a ProxyError where one is none. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ProxyError("malformed", `Cannot decode the percent-encoding of ${quote(text)}`);
  }
}

/** Entries of options that have no counterpart, each by its names with a bar between them. */
export function absentOptions<State>(
  names: readonly string[],
  nearest: Readonly<Record<string, string>> = {},
): ForeignEntry<State>[] {
  return names.map((each) => {
    const [syntax = "", ...others] = each.split("|");
    const note = nearest[syntax];
    return { names: [syntax, ...others], syntax, verdict: "not", ...(note ? { note } : {}) };
  });
}
