// What a command is, and how its words are read: flags of the settings table and its own, with the Go
// program's habits: one dash or two, `-flag=value`, `-verbose=false`, and `-scaleUp true` as its README has
// it. Everything wrong is said at once.
import { Command, Option } from "commander";
import {
  OLD_NAMES,
  type Section,
  SECTIONS,
  type Setting,
  type SettingName,
  SETTINGS,
} from "../../settings/table.ts";
import { nearest } from "../../options/nearest.ts";

/** A flag that only one command has. */
export interface Flag {
  /** What stands for the value; a flag without one is on or off. */
  placeholder?: string;
  /** A single letter that may be written instead. */
  short?: string;
  summary: string;
}

export interface CommandSpec {
  name: string;
  /** The operands as `--help` shows them; empty for none. */
  operands: string;
  /** One line for the list of commands. */
  summary: string;
  /** Further lines of its `--help`. */
  details?: readonly string[];
  /** Settings that it heeds, which are its flags too. */
  settings: readonly SettingName[];
  flags?: Readonly<Record<string, Flag>>;
  /** Does the work and gives the exit code. */
  run(input: CommandInput): Promise<number>;
}

/** Values as given on the command line; flags that repeat are collected into lists. */
export type FlagValues = Record<string, string | string[] | undefined>;

export interface CommandInput {
  operands: readonly string[];
  /** Given flags of settings. */
  settings: FlagValues;
  /** Given flags of the command's own; "true" for those without a value. */
  flags: Readonly<Record<string, string | undefined>>;
  /** All commands, for those that speak about them. */
  commands: readonly CommandSpec[];
}

export interface ParsedArguments extends Omit<CommandInput, "commands"> {
  problems: string[];
  help: boolean;
}

/** Names of all settings, for commands that heed every one. */
export const ALL_SETTINGS = Object.keys(SETTINGS) as SettingName[];

/** Reads the words behind a command's name. Never throws; problems are whole sentences. */
export function parseArguments(spec: CommandSpec, args: readonly string[]): ParsedArguments {
  const { words, operands, problems, help } = normaliseArguments(spec, args);
  const values = createCommand(spec).parse(words, { from: "user" }).opts<FlagValues>();
  const entries = Object.entries(values);
  const isOwn = ([name]: [string, unknown]) => Object.hasOwn(spec.flags ?? {}, name);
  return {
    operands,
    problems,
    help,
    settings: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
    flags: Object.fromEntries(entries.filter(isOwn)) as Record<string, string>,
  };
}

/** A value that a boolean flag takes from the next word; where there are operands, only what can be none. */
const ANY_BOOLEAN = /^(?:1|0|t|f|true|false)$/i;
const TRUE_OR_FALSE = /^(?:true|false)$/i;

interface KnownFlag {
  name: string;
  isBoolean: boolean;
}

/** Every flag as `--name=value`, which leaves nothing for commander to guess; operands apart. */
function normaliseArguments(spec: CommandSpec, args: readonly string[]) {
  const known = knownFlags(spec);
  const words: string[] = [];
  const operands: string[] = [];
  const problems: string[] = [];
  let help = false;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index]!;
    if (argument === "--") {
      operands.push(...args.slice(index + 1));
      break;
    }
    const [, given, value] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (given === undefined) {
      operands.push(argument);
      continue;
    }
    if (given === "h" || given === "help") {
      help = true;
      continue;
    }
    const flag = known.get(given);
    if (!flag) {
      const close = nearest(given, [...known.keys()], { prefix: "-" });
      problems.push(`-${given} is no flag of imageproxy ${spec.name}${close}`);
    } else if (value !== undefined) {
      words.push(`--${flag.name}=${value}`);
    } else if (flag.isBoolean) {
      const isValue = (spec.operands === "" ? ANY_BOOLEAN : TRUE_OR_FALSE).test(
        args[index + 1] ?? "",
      );
      words.push(`--${flag.name}=${isValue ? args[++index] : "true"}`);
    } else if (index + 1 < args.length) {
      words.push(`--${flag.name}=${args[++index]}`);
    } else {
      problems.push(`-${given} must be followed by a value`);
    }
  }
  // What follows an unknown flag may be its value.
  if (spec.operands === "" && operands.length > 0 && problems.length === 0) {
    const verb = spec.name === "serve" ? "There is no command" : `imageproxy ${spec.name} takes no`;
    problems.push(`${verb} ${JSON.stringify(operands[0])}`);
  }
  return { words, operands, problems, help };
}

function knownFlags(spec: CommandSpec): Map<string, KnownFlag> {
  const known = new Map<string, KnownFlag>();
  for (const name of spec.settings) {
    const { kind } = SETTINGS[name] as Setting<unknown>;
    known.set(name, { name, isBoolean: kind.isBoolean === true });
  }
  for (const [old, { name }] of Object.entries(OLD_NAMES)) {
    if (spec.settings.includes(name)) known.set(old, { name: old, isBoolean: false });
  }
  for (const [name, flag] of Object.entries(spec.flags ?? {})) {
    known.set(name, { name, isBoolean: flag.placeholder === undefined });
    if (flag.short) known.set(flag.short, { name, isBoolean: flag.placeholder === undefined });
  }
  return known;
}

/** The command as commander knows it: what it parses, and the text of its `--help`. */
export function createCommand(
  spec: CommandSpec,
  { sections = SECTIONS }: { sections?: readonly Section[] } = {},
): Command {
  const command = new Command(`imageproxy ${spec.name}`)
    .description([`${spec.summary}.`, ...spec.details ?? []].join("\n"))
    .usage([spec.operands, "[flags]"].filter(Boolean).join(" "))
    .helpOption("-h, --help", "Show this text")
    .allowExcessArguments(true)
    .exitOverride()
    .configureHelp({ helpWidth: 100 })
    // Commander would read variables that this program has no permission for.
    .configureOutput({ getOutHasColors: () => false, getErrHasColors: () => false });
  for (const [name, { placeholder, short, summary }] of Object.entries(spec.flags ?? {})) {
    const word = `${short ? `-${short}, ` : ""}--${name} ${placeholder ?? "[bool]"}`;
    command.addOption(new Option(word, summary));
  }
  for (const section of sections) {
    for (const name of spec.settings) {
      if (SETTINGS[name].section === section) command.addOption(optionOf(name, SETTINGS[name]));
    }
  }
  for (const [old, { name }] of Object.entries(OLD_NAMES)) {
    if (spec.settings.includes(name)) command.addOption(new Option(`--${old} <old>`).hideHelp());
  }
  return command;
}

function optionOf(
  name: string,
  { kind, description, section, default: value, ...entry }: Setting<unknown>,
): Option {
  const shown = entry.defaultText ?? (kind.show ?? String)(value);
  const option = new Option(
    `--${name} ${kind.isBoolean ? "[bool]" : kind.placeholder}`,
    description + (shown && ` (default: ${shown})`),
  ).helpGroup(`${section}:`);
  if (kind.repeats) {
    option.argParser((item: string, earlier: string[] | undefined) => [...(earlier ?? []), item]);
  }
  return option;
}
