// Option tokens to values and back. The canonical form is what signatures cover and what cache keys
// hold, so it must come out byte for byte the same for URLs that mean the same.
import { malformed, type Option, quote, type Token } from "./option.ts";
import { type OptionName, OPTIONS, type Options } from "./table.ts";
import { ProxyError } from "../errors.ts";
import { closest } from "./nearest.ts";

export interface ParseOptionsSettings {
  /** Drop tokens that no option claims or that cannot be read, as the Go program does, instead of refusing them. */
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
  ENTRIES.flatMap(([name, { tokens }]) => {
    if (!("name" in tokens) || !tokens.name) return [];
    const also = "prefixes" in tokens ? tokens.prefixes : [];
    return [tokens.name, ...also].map((written) => [written, name] as const);
  }),
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
    try {
      const [name, parts] = matchToken(token);
      options[name] = (OPTIONS[name] as AnyOption).parse(parts, options[name]);
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      if (!ignoreUnknown) throw named(error, token);
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
  "noScaleUp",
  "evenHalves",
  "roundDown",
  "reckon",
  "adapt",
  "extend",
  "extendRatio",
  "within",
  "gravity",
  "focus",
  "point",
  "pad",
  "dpr",
  "font",
];

/** Options that change nothing alone: modifiers of a size, and a size or crop that names no side. */
function says(name: OptionName, options: Options): boolean {
  const { size } = options;
  if (MODIFIERS.includes(name)) return false;
  if (name === "size") return size !== undefined && (size.width !== 0 || size.height !== 0);
  if (name === "crop") return OPTIONS.crop.format(options.crop ?? {}).length > 0;
  return true;
}

/** The name of the option that claims a token. Throws a ProxyError "malformed" where none does. */
export function optionOf(text: string): OptionName {
  return matchToken(text)[0];
}

/** The option that claims a token; throws a ProxyError "malformed" where none does. */
function matchToken(text: string): [OptionName, Token] {
  const word = BY_WORD.get(text);
  if (word) return [word, { text, key: text, value: "" }];
  const colon = text.indexOf(":");
  if (colon > 0) {
    const key = text.slice(0, colon);
    const named = BY_NAME.get(key);
    if (named === undefined) throw unknown(text);
    return [named, { text, key, value: text.slice(colon + 1) }];
  }
  for (const [prefix, name] of BY_PREFIX) {
    if (text.startsWith(prefix)) {
      return [name, { text, key: prefix, value: text.slice(prefix.length) }];
    }
  }
  if (/^[-+.\d]/.test(text) || /^x[-+.\d]/.test(text) || text === "x") {
    return ["size", { text, key: "", value: text }];
  }
  throw unknown(text);
}

function unknown(token: string): ProxyError {
  return malformed({ text: token }, "no option is written like this");
}

/** How each option is written, by what a slip of the finger is compared with. */
const SPELLINGS = new Map([
  ...[...BY_WORD.keys()].map((word) => [word, word] as const),
  ...[...BY_NAME.keys()].filter((name) => !BY_WORD.has(name))
    .map((name) => [name, quote(`${name}:…`)] as const),
]);

/**
 * The error with the nearest option that exists, where a token that begins like one option has the letters
 * of another (`sharp5` begins like a signature) or of none.
 */
function named(error: ProxyError, token: string): ProxyError {
  const [letters = ""] = /^[a-z]*/i.exec(token) ?? [];
  const isMatched = (token.includes(":") && BY_NAME.has(letters)) ||
    BY_PREFIX.some(([key]) => key === letters);
  const close = isMatched ? undefined : closest(letters, [...SPELLINGS.keys()]);
  return close === undefined ? error : new ProxyError(
    "malformed",
    `${error.message}; did you mean ${SPELLINGS.get(close)}?`,
  );
}

/** Orders as Go's sort.Strings does for the ASCII that tokens are made of. */
function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
