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

/** The controls of one option; none where it does not change the picture and nobody could fill it in. */
export function controlsOf(option: AnyOption): Control[] {
  const { tokens, syntax } = option;
  if ("size" in tokens) return [sizeControl()];
  if ("words" in tokens) return [wordControl(option, tokens.words)];
  const keys = "name" in tokens ? [`${tokens.name}:`] : tokens.prefixes;
  const written = syntax.split(" {").join("\0{").split(" ");
  return keys.map((key) => {
    const form = written.find((part) => part.startsWith(key))?.replaceAll("\0", " ");
    return formControl(option, { key, form: form?.replaceAll(/[[\]]/g, "") ?? key });
  });
}

/** `smartCrop` → `Smart crop` */
export function labelOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}

function sizeControl(): Control {
  return {
    texts: ["", "x", ""],
    fields: [{ kind: "text", hint: "width" }, { kind: "text", hint: "height" }],
  };
}

/** A word alone is ticked; of several one is chosen, and of those that mean the same the first is offered. */
function wordControl(option: AnyOption, words: readonly string[]): Control {
  if (words.length === 1) {
    return { texts: ["", ""], fields: [{ kind: "check", token: words[0]! }] };
  }
  const meaning = (word: string) => option.format(read(option, word, word)).join();
  const choices = words.filter((word, index) =>
    words.findIndex((other) => meaning(other) === meaning(word)) === index
  );
  return { texts: ["", ""], fields: [{ kind: "choice", choices }] };
}

/** `focus:{x}:{y}` → texts `focus:`, `:`, `` and a field for each pair of braces. */
function formControl(option: AnyOption, { key, form }: { key: string; form: string }): Control {
  const parts = form.split(/\{([^}]*)\}/);
  if (parts.length < 3) return { texts: [key, ""], fields: [{ kind: "text", hint: "value" }] };
  const alone = parts.length === 3;
  return {
    texts: parts.filter((_, index) => index % 2 === 0),
    fields: parts.filter((_, index) => index % 2 === 1).map((hint): Field => {
      const [, min, max] = /^(-?[\d.]+)(?:…|-|\.\.)(-?[\d.]+)$/.exec(hint) ?? [];
      if (min && max) return { kind: "number", min: Number(min), max: Number(max) };
      const choices = hint.split("|");
      const offered = alone && choices.length > 1 &&
        choices.every((choice) => read(option, parts[0] + choice, key) !== undefined);
      return offered ? { kind: "choice", choices } : { kind: "text", hint };
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
