// The table of options as clients/js has it: how each is written, and its type. Used by scripts/docs.ts.
import type { Option } from "../src/options/option.ts";
import { type OptionName, OPTIONS } from "../src/options/table.ts";
import { ENCODED_WORDS } from "../src/options/text.ts";

/** What clients do not name: the size is width and height, and signing is a function. */
const LEFT_OUT: readonly OptionName[] = ["size", "signature"];
const SIDES = { cx: "x", cy: "y", cw: "width", ch: "height" } as const;

const ENTRIES = (Object.entries(OPTIONS) as [OptionName, Option<unknown>][])
  .filter(([name]) => !LEFT_OUT.includes(name));

/** clients/js/options.js */
export function clientOptions(notice: string): string {
  const lines = ENTRIES.map(([name, option]) => `  ${name}: ${JSON.stringify(writingOf(option))},`);
  return [
    '// @ts-self-types="./options.d.ts"',
    notice,
    "/** How each option is written: as a word, as `name:value`, with a prefix, or a side at a time. */",
    "export const OPTIONS = {",
    ...lines,
    "};",
    "",
  ].join("\n");
}

/** clients/js/options.d.ts */
export function clientTypes(notice: string): string {
  const lines = ENTRIES.flatMap(([name, option]) => [
    `  /** ${option.summary} ${takesWords(option) ? "The client encodes the words. " : ""}Written ${
      option.examples.map((it) => `\`${it}\``).join(", ")
    }. */`,
    `  ${name}?: ${typeOf(option)};`,
  ]);
  return [
    notice,
    "export interface NamedOptions {",
    ...lines,
    "}",
    "",
    "export const OPTIONS: Readonly<Record<keyof NamedOptions, Readonly<Record<string, unknown>>>>;",
    "",
  ].join("\n");
}

/** Of words that mean the same the first. */
function wordsOf({ tokens, parse, format }: Option<unknown>): string[] {
  if (!("words" in tokens) || !tokens.words) return [];
  const meaning = (word: string) =>
    format(parse({ text: word, key: word, value: "" }, undefined)).join();
  const meanings = tokens.words.map(meaning);
  return tokens.words.filter((_, at) => meanings.indexOf(meanings[at]!) === at);
}

function writingOf(option: Option<unknown>): Record<string, unknown> {
  const { tokens } = option;
  if ("size" in tokens) return {};
  if (!("prefixes" in tokens)) {
    const words = wordsOf(option);
    const also = "words" in tokens ? tokens.words?.filter((word) => !words.includes(word)) : [];
    return {
      ...(words.length > 0 ? { words } : {}),
      ...(also?.length ? { also } : {}),
      ...(tokens.name ? { name: tokens.name } : {}),
      ...(takesWords(option) ? { encoded: true } : {}),
    };
  }
  const [prefix, ...others] = tokens.prefixes;
  return others.length === 0
    ? { prefix, ...(tokens.name ? { name: tokens.name } : {}) }
    : { sides: Object.fromEntries(Object.entries(SIDES).map(([token, side]) => [side, token])) };
}

/** Whether the first of its values is words, which the client writes in base64url. */
function takesWords({ syntax }: Option<unknown>): boolean {
  return syntax.includes(`:{${ENCODED_WORDS}}`);
}

function typeOf(option: Option<unknown>): string {
  const { tokens } = option;
  if ("size" in tokens) return "never";
  if ("prefixes" in tokens) {
    return tokens.prefixes.length > 1
      ? "{ x?: number; y?: number; width?: number; height?: number }"
      : tokens.prefixes[0] === "vu"
      ? "number | Date"
      : tokens.name
      ? "number | string"
      : "number";
  }
  if (takesWords(option)) return "string | readonly [string, ...(number | string)[]]";
  const { name, words: all = [] } = tokens;
  const isBox = wordsOf(option).length === 1;
  return [
    ...(isBox ? ["boolean"] : []),
    ...(isBox && !name ? [] : all.map((word) => JSON.stringify(word))),
    ...(name ? ["number", "string", "readonly (number | string)[]"] : []),
  ].join(" | ");
}
