// Option tokens to values and back. The canonical form is what signatures cover and what cache keys
// hold, so it must come out byte for byte the same for URLs that mean the same.
import { malformed, type Option, quote, type Token } from "./option.ts";
import { type OptionName, OPTIONS, type Options } from "./table.ts";
import { ProxyError } from "../errors.ts";

export interface ParseOptionsSettings {
  /** Drop tokens that no option claims, as the Go program does, instead of refusing them. */
  ignoreUnknown?: boolean;
  /** The most tokens one URL may hold; 64 unless told. */
  maxTokens?: number;
}

// deno-lint-ignore no-explicit-any -- entries of all value types, looked up by what a token says
type AnyOption = Option<any>;

const ENTRIES = Object.entries(OPTIONS) as [OptionName, AnyOption][];
const BY_WORD = new Map(
  ENTRIES.flatMap(([name, { tokens }]) =>
    "words" in tokens && tokens.words ? tokens.words.map((word) => [word, name] as const) : []
  ),
);
const BY_NAME = new Map(
  ENTRIES.flatMap(([name, { tokens }]) =>
    "name" in tokens && tokens.name ? [[tokens.name, name] as const] : []
  ),
);
/** Longer prefixes first, so that `cx10` is a crop and never something that starts with c. */
const BY_PREFIX = ENTRIES.flatMap(([name, { tokens }]) =>
  "prefixes" in tokens ? tokens.prefixes.map((prefix) => [prefix, name] as const) : []
).sort(([a], [b]) => b.length - a.length);

/** Parses comma-separated option tokens; a later token of the same option wins. Empty tokens say nothing. */
export function parseOptions(text: string, settings: ParseOptionsSettings = {}): Options {
  const { ignoreUnknown = false, maxTokens = 64 } = settings;
  const options: Partial<Record<OptionName, unknown>> = {};
  const tokens = text.split(",");
  if (tokens.length > maxTokens) {
    throw new ProxyError("malformed", `Too many options: at most ${maxTokens} are accepted`);
  }
  for (const token of tokens) {
    if (token === "") continue;
    const match = matchToken(token);
    if (match) {
      const [name, parts] = match;
      options[name] = (OPTIONS[name] as AnyOption).parse(parts, options[name]);
    } else if (!ignoreUnknown) {
      throw malformed({ text: token }, `no option is written like this${suggestion(token)}`);
    }
  }
  return options as Options;
}

/**
 * The canonical form: tokens sorted as strings and joined by commas, the size always present,
 * the signature left out. `parseOptions(formatOptions(o))` gives `o` again, less its signature.
 */
export function formatOptions(options: Options): string {
  const tokens = ENTRIES.flatMap(([name, option]) =>
    options[name] === undefined ? [] : option.format(options[name])
  );
  if (options.size === undefined) tokens.push("0x0");
  return tokens.sort(compareCodeUnits).join(",");
}

/** Whether the options ask for any change of the picture, so that the original cannot be passed through. */
export function transforms(options: Options): boolean {
  return ENTRIES.some(([name, option]) =>
    option.transforms && options[name] !== undefined && says(name, options)
  );
}

const MODIFIERS: readonly OptionName[] = [
  "smartCrop",
  "fit",
  "scaleUp",
  "gravity",
  "focus",
  "pad",
  "dpr",
];

/** Options that change nothing alone: modifiers of a size, and a size or crop that names no side. */
function says(name: OptionName, options: Options): boolean {
  const { size } = options;
  if (MODIFIERS.includes(name)) return false;
  if (name === "size") return size !== undefined && (size.width !== 0 || size.height !== 0);
  if (name === "crop") return OPTIONS.crop.format(options.crop ?? {}).length > 0;
  return true;
}

function matchToken(text: string): [OptionName, Token] | undefined {
  const word = BY_WORD.get(text);
  if (word) return [word, { text, key: text, value: "" }];
  const colon = text.indexOf(":");
  if (colon > 0) {
    const key = text.slice(0, colon);
    const named = BY_NAME.get(key);
    return named && [named, { text, key, value: text.slice(colon + 1) }];
  }
  for (const [prefix, name] of BY_PREFIX) {
    if (text.startsWith(prefix)) {
      return [name, { text, key: prefix, value: text.slice(prefix.length) }];
    }
  }
  if (/^[-+.\d]/.test(text) || /^x[-+.\d]/.test(text) || text === "x") {
    return ["size", { text, key: "", value: text }];
  }
  return undefined;
}

function suggestion(token: string): string {
  const lower = token.toLowerCase();
  const named = lower.split(":")[0] ?? "";
  for (const word of BY_WORD.keys()) {
    if (word.toLowerCase() === lower) return `; did you mean ${word}?`;
  }
  for (const name of BY_NAME.keys()) {
    if (lower === name || named === name) return `; did you mean ${quote(`${name}:…`)}?`;
  }
  return "";
}

/** Orders as Go's sort.Strings does for the ASCII that tokens are made of. */
function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
