// The table of options for people at a terminal: all of them at a glance, or one in full.
import { parseOptions } from "../options/parse.ts";
import { type Option } from "../options/option.ts";
import { type OptionName, OPTIONS } from "../options/table.ts";

const ENTRIES = Object.entries(OPTIONS) as [OptionName, Option<unknown>][];
const COLUMNS = 100;

/** What `help` finds each option by: its name here, its words, its name in a URL, its first letters. */
export const OPTION_TOPICS: ReadonlyMap<string, OptionName> = new Map(
  ENTRIES.flatMap(([name, { tokens }]) => [
    [name, name] as const,
    ...("words" in tokens ? tokens.words ?? [] : []).map((word) => [word, name] as const),
    ...("name" in tokens && tokens.name ? [[tokens.name, name] as const] : []),
    ...("prefixes" in tokens ? tokens.prefixes.map((prefix) => [prefix, name] as const) : []),
  ]),
);

/** Every option with the first sentence about it. */
export function optionsHelp(): string {
  return [
    "Options stand before the remote URL, separated by commas: /200x,webp/https://example.com/a.jpg",
    "",
    ...ENTRIES.flatMap(([, { syntax, summary }]) => [
      ...wrapped(syntax, "  "),
      ...wrapped(plain(summary.split(/(?<=\.)\s/)[0]!), "      "),
    ]),
    "",
    "imageproxy help blur tells all about one of them, docs/options.md about all.",
  ].join("\n");
}

/** All about the option that a topic names, or that a token such as `q80` belongs to; undefined for none. */
export function optionHelp(topic: string): string | undefined {
  const name = OPTION_TOPICS.get(topic) ?? optionOf(topic);
  if (name === undefined) return undefined;
  const { syntax, summary, examples } = OPTIONS[name] as Option<unknown>;
  return [
    ...wrapped(syntax, ""),
    "",
    ...wrapped(plain(summary), "  "),
    "",
    ...wrapped(`Examples: ${examples.join(" ")}`, "  "),
  ].join("\n");
}

/** The option of a whole token. */
function optionOf(token: string): OptionName | undefined {
  try {
    const [name, ...more] = Object.keys(parseOptions(token)) as OptionName[];
    return more.length === 0 ? name : undefined;
  } catch {
    return undefined;
  }
}

/** Without the marks that only documents show. */
function plain(text: string): string {
  return text.replaceAll("`", "");
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COLUMNS) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(indent + word);
  }
  return lines;
}
