// The flags of the settings table as commander understands them, with the Go program's habits: one dash
// or two, `-flag=false`, and environment variables under every flag.
import { Command, Option } from "commander";
import { SECTIONS, type Setting, SETTINGS } from "./config.ts";

/** Values as given on the command line; commander collects repeated flags into lists. */
export type FlagValues = Record<string, string | string[] | undefined>;

/** The program with a flag for every setting. `run` gets the flags' raw values. */
export function createProgram(version: string, run: (flags: FlagValues) => Promise<void>): Command {
  const program = new Command("imageproxy")
    .description("Fetches remote images, transforms them as the URL says, and serves the result.")
    .usage("[flags]")
    .version(version)
    .helpOption("-h, --help", "Show this text")
    .allowExcessArguments(false)
    .configureHelp({ helpWidth: 100 })
    .addHelpText(
      "after",
      "\nFlags may be written with one dash or two. Every flag can be set by a variable: -addr is IMAGEPROXY_ADDR.",
    )
    .action(() => run(program.opts()));
  for (const section of SECTIONS) {
    for (const [name, entry] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
      if (entry.section === section) program.addOption(optionOf(name, entry));
    }
  }
  return program;
}

/** `-addr x` and `-verbose=false` as commander writes them; unknown words are left for it to refuse. */
export function normaliseArguments(args: readonly string[]): string[] {
  return args.map((argument) => {
    const [, name, value] = /^--?([A-Za-z]\w*)(=.*)?$/s.exec(argument) ?? [];
    return name && Object.hasOwn(SETTINGS, name) ? `--${name}${value ?? ""}` : argument;
  });
}

function optionOf(
  name: string,
  { kind, description, section, default: value, ...entry }: Setting<unknown>,
): Option {
  const placeholder = kind.isBoolean ? " [bool]" : ` ${kind.placeholder}`;
  const shown = entry.defaultText ?? (kind.show ?? String)(value);
  const option = new Option(
    `--${name}${placeholder}`,
    description + (shown && ` (default: ${shown})`),
  )
    .helpGroup(`${section}:`);
  if (kind.isBoolean) option.preset("true");
  if (kind.repeats) {
    option.argParser((item: string, earlier: string[] | undefined) => [...(earlier ?? []), item]);
  }
  return option;
}
