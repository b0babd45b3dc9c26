// The page's controls, made from the options table alone: how an option is written (`q{1…100}`,
// `r{90|180|270}`) says what kind of control it wants, and its parser has the last word.
import type { Option, Token } from "../options/option.ts";

/** One value that a person enters. */
export type Field =
  | { kind: "check"; token: string }
  | { kind: "choice"; choices: readonly string[] }
  | { kind: "number"; min: number; max: number }
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
    ...("name" in tokens && tokens.name ? [`${tokens.name}:`] : []),
    ...("prefixes" in tokens && tokens.prefixes ? tokens.prefixes : []),
    ...("size" in tokens ? [""] : []),
  ];
  return [
    ...("words" in tokens && tokens.words ? [wordControl(option, tokens.words)] : []),
    ...keys.map((key) => formControl(option, { key, form: longestForm(forms ?? [], key) })),
  ];
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
      if (min && max) return { kind: "number", min: Number(min), max: Number(max) };
      const choices = hint.split("|");
      // What follows the first value may be left out, where the parser takes the choice alone.
      const isOffered = index === 0 && choices.length > 1 &&
        choices.every((choice) => read(option, key + choice, key) !== undefined);
      return isOffered ? { kind: "choice", choices } : { kind: "text", hint };
    }),
  };
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
