// The page's controls, made from the options table alone: how an option is written (`q{1…100}`,
// `r{90|180|270}`) says what kind of control it wants, and its parser has the last word.
import { Buffer } from "node:buffer";
import { ProxyError } from "../errors.ts";
import type { Option, Token } from "../options/option.ts";
import { optionOf } from "../options/parse.ts";
import { OPTIONS } from "../options/table.ts";
import { ENCODED_WORDS } from "../options/text.ts";

/** One value that a person enters. */
export type Field =
  | { kind: "check"; token: string }
  | { kind: "choice"; choices: readonly string[] }
  /** `whole`: none but whole numbers. */
  | { kind: "number"; min: number; max: number; whole: boolean }
  | { kind: "colour" }
  /** Written in base64url. */
  | { kind: "words" }
  | { kind: "text"; hint: string };

/** A token to be: literal texts around fields, one more text than fields. A check is a token by itself. */
export interface Control {
  texts: readonly string[];
  fields: readonly Field[];
}

// deno-lint-ignore no-explicit-any -- options of all value types
type AnyOption = Option<any>;

/** The controls of one option: one for its words, and one for each name or prefix that takes a value. */
export function controlsOf(option: AnyOption): Control[] {
  const { tokens, syntax } = option;
  const forms = syntax.match(/(?:\{[^}]*\}|[^\s{])+/g)?.map((form) =>
    form.replaceAll(/[[\]]/g, "")
  );
  const keys = [
    ...("prefixes" in tokens && tokens.prefixes ? tokens.prefixes : []),
    ...("name" in tokens && tokens.name ? [`${tokens.name}:`] : []),
    ...("size" in tokens ? [""] : []),
  ];
  const words = "words" in tokens && tokens.words ? [wordControl(option, tokens.words)] : [];
  const named = keys.map((key) =>
    formControl(option, { key, form: longestForm(forms ?? [], key) })
  );
  return merged(words, named) ?? [...words, ...named];
}

/** `smartCrop` → `Smart crop` */
export function labelOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}

/** One word is ticked; of several one is chosen, and of those that mean the same the first is offered. */
function wordControl(option: AnyOption, words: readonly string[]): Control {
  const meaning = (word: string) => option.format(read(option, word, word)).join();
  const choices = words.filter((word, index) =>
    words.findIndex((other) => meaning(other) === meaning(word)) === index
  );
  const [token = ""] = choices;
  const field: Field = choices.length > 1 ? { kind: "choice", choices } : { kind: "check", token };
  return { texts: ["", ""], fields: [field] };
}

/** One choice of whole tokens, where an option is a word or one of a few behind its name: `fit`, `fit:outside` …. */
function merged([word]: readonly Control[], [named, ...others]: readonly Control[]) {
  const [first] = word?.fields ?? [];
  const [field, ...more] = named?.fields ?? [];
  if (first?.kind !== "check" || field?.kind !== "choice" || others.length + more.length > 0) {
    return undefined;
  }
  const choices = [first.token, ...field.choices.map((choice) => named!.texts[0]! + choice)];
  return [{ texts: ["", ""], fields: [{ kind: "choice" as const, choices }] }];
}

/** Of the forms that begin with the key, the first of those that take the most values. */
function longestForm(forms: readonly string[], key: string): string {
  const [first = `${key}{value}`, ...others] = forms.filter((form) => form.startsWith(`${key}{`));
  const values = (form: string) => form.split("{").length;
  return others.reduce((best, form) => values(form) > values(best) ? form : best, first);
}

/** `focus:{x}:{y}` → texts `focus:`, `:` and nothing, and a field for each pair of braces. */
function formControl(option: AnyOption, { key, form }: { key: string; form: string }): Control {
  const parts = form.split(/\{([^}]*)\}/);
  return {
    texts: parts.filter((_, index) => index % 2 === 0),
    fields: parts.filter((_, index) => index % 2 === 1).map((hint, index): Field => {
      const [, min, max] = /^(-?[\d.]+)…(-?[\d.]+)$/.exec(hint) ?? [];
      if (hint === "colour") return { kind: "colour" };
      if (hint === ENCODED_WORDS) return { kind: "words" };
      if (min && max) {
        const between = Math.floor((Number(min) + Number(max)) / 2) + 0.5;
        const whole = index === 0 && read(option, `${key}${between}`, key) === undefined;
        return { kind: "number", min: Number(min), max: Number(max), whole };
      }
      const choices = hint.split("|");
      // What follows the first value may be left out, where the parser takes the choice alone.
      const isOffered = index === 0 && choices.length > 1 &&
        choices.every((choice) => read(option, key + choice, key) !== undefined);
      return isOffered ? { kind: "choice", choices } : { kind: "text", hint };
    }),
  };
}

/** The name of a field in the page's form and in its URL. */
export function fieldName(option: string, control: number, field: number): string {
  return `${option}.${control === 0 ? "" : `${control}-`}${field}`;
}

/** What the page's fields say of option tokens, by their names. Tokens that no option claims are left out. */
export function fieldsOf(tokens: readonly string[]): Record<string, string> {
  return Object.assign({}, ...tokens.map(fieldsOfToken));
}

function fieldsOfToken(token: string): Record<string, string> {
  try {
    const name = optionOf(token);
    const option: AnyOption = OPTIONS[name];
    // The most that a token can begin with: `quality:` and not the `q` of it.
    const controls = [...controlsOf(option).entries()]
      .sort(([, a], [, b]) => b.texts[0]!.length - a.texts[0]!.length);
    for (const [at, control] of controls) {
      const values = valuesOf(control, token, option);
      if (values) {
        return Object.fromEntries(
          values.map((value, index) => [fieldName(name, at, index), value]),
        );
      }
    }
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
  }
  return {};
}

/** The values of a control's fields that make the token; undefined where it is written otherwise. */
function valuesOf(
  { texts, fields }: Control,
  token: string,
  option: AnyOption,
): string[] | undefined {
  const [field] = fields;
  const [key = ""] = texts;
  const words: readonly string[] = "words" in option.tokens ? option.tokens.words ?? [] : [];
  const meaning = (word: string) => option.format(read(option, word, word)).join();
  const isSame = (word: string) =>
    word === token || (words.includes(token) && meaning(word) === meaning(token));
  if (field?.kind === "check") return isSame(field.token) ? ["on"] : undefined;
  if (field?.kind === "choice" && key === "") {
    const same = field.choices.find(isSame);
    return same === undefined ? undefined : [same];
  }
  if (!token.startsWith(key)) return undefined;
  const rest = token.slice(key.length);
  // A size of one number is a square.
  if (fields.length === 2 && texts[1] === "x" && !rest.includes("x")) return [rest, rest];
  const values: string[] = [];
  const ending = texts.at(-1)!;
  let left = ending !== "" && rest.endsWith(ending) ? rest.slice(0, -ending.length) : rest;
  for (const [index, separator] of texts.slice(1).entries()) {
    const end = index === fields.length - 1 || !left.includes(separator)
      ? left.length
      : left.indexOf(separator);
    const value = left.slice(0, end);
    if (value !== "") values[index] = fields[index]?.kind === "words" ? decoded(value) : value;
    left = left.slice(end + separator.length);
  }
  return Array.from(values, (value) => value ?? "");
}

function decoded(base64url: string): string {
  return Buffer.from(base64url, "base64url").toString();
}

/** What the option makes of a token; undefined where it refuses it. */
function read(option: AnyOption, text: string, key: string): unknown {
  const bare = key.replace(/:$/, "");
  const token: Token = { text, key: bare, value: text.slice(key.length) };
  try {
    return option.parse(token, undefined);
  } catch {
    return undefined;
  }
}
