// Completion scripts, written from the same tables as the flags themselves.
import { type CommandSpec } from "./terminal/command_line.ts";
import { type Setting, SETTINGS } from "../settings/table.ts";
import { printProblems } from "./terminal/output.ts";

export const completions: CommandSpec = {
  name: "completions",
  operands: "bash|zsh|fish",
  summary: "Print a completion script for a shell",
  details: [
    "bash: source <(imageproxy completions bash)",
    "zsh:  imageproxy completions zsh > a folder of $fpath, as _imageproxy",
    "fish: imageproxy completions fish > ~/.config/fish/completions/imageproxy.fish",
  ],
  settings: [],
  run({ operands: [shell = ""], commands }) {
    const write = Object.hasOwn(WRITERS, shell) ? WRITERS[shell] : undefined;
    if (write) console.log(write(commands));
    else printProblems([`completions needs a shell: bash, zsh or fish`]);
    return Promise.resolve(write ? 0 : 1);
  },
};

const WRITERS: Readonly<Record<string, (commands: readonly CommandSpec[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

interface CompletedFlag {
  /** As typed, with its dash. */
  word: string;
  summary: string;
  /** The values that it takes; empty for anything, undefined for no value at all. */
  values: readonly string[] | undefined;
}

function flagsOf(spec: CommandSpec): CompletedFlag[] {
  const own = Object.entries(spec.flags ?? {}).map(([name, { summary, placeholder }]) => ({
    word: `-${name}`,
    summary,
    values: placeholder === undefined ? undefined : [],
  }));
  const settings = spec.settings.map((name) => {
    const { kind, description }: Setting<unknown> = SETTINGS[name];
    const values = kind.isBoolean ? undefined : kind.words ?? [];
    return { word: `-${name}`, summary: description, values };
  });
  return [...own, ...settings, { word: "-help", summary: "Show help", values: undefined }];
}

function bashScript(commands: readonly CommandSpec[]): string {
  const branches = commands.map((spec) => {
    const words = flagsOf(spec).map(({ word }) => word).join(" ");
    return `    ${spec.name}) flags="${words}" ;;`;
  });
  const choices = flagsOf(commands[0]!)
    .filter(({ values }) => values && values.length > 0)
    .map(({ word, values }) =>
      `    ${word}|-${word}) COMPREPLY=($(compgen -W "${values!.join(" ")}" -- "$word")); return ;;`
    );
  return [
    "# imageproxy completions bash",
    "_imageproxy() {",
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}"',
    '  local command="${COMP_WORDS[1]}" flags',
    `  case "$before" in`,
    ...choices,
    "  esac",
    `  if [[ $COMP_CWORD -eq 1 && "$word" != -* ]]; then`,
    `    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))`,
    "    return",
    "  fi",
    `  case "$command" in -*|"") command=serve ;; esac`,
    `  case "$command" in`,
    ...branches,
    `    completions) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")); return ;;`,
    "  esac",
    `  if [[ "$word" == --* ]]; then`,
    `    COMPREPLY=($(compgen -W "$(printf -- '-%s ' $flags)" -- "$word"))`,
    `  elif [[ "$word" == -* ]]; then`,
    `    COMPREPLY=($(compgen -W "$flags" -- "$word"))`,
    "  else",
    `    COMPREPLY=($(compgen -f -- "$word"))`,
    "  fi",
    "}",
    "complete -o filenames -F _imageproxy imageproxy",
  ].join("\n");
}

/** A text inside single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function zshScript(commands: readonly CommandSpec[]): string {
  const summary = (text: string) => text.replace(/[[\]:\\]/g, "\\$&");
  const argument = ({ word, values, ...flag }: CompletedFlag) => {
    const value = values === undefined
      ? ""
      : values.length > 0
      ? `: :(${values.join(" ")})`
      : ": :_files";
    return `      ${quoted(`*${word}[${summary(flag.summary)}]${value}`)} \\`;
  };
  return [
    "#compdef imageproxy",
    "_imageproxy() {",
    "  local -a commands=(",
    ...commands.map((spec) => `    ${quoted(`${spec.name}:${summary(spec.summary)}`)}`),
    "  )",
    "  local command=$words[2]",
    "  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then",
    "    _describe command commands",
    "    return",
    "  fi",
    "  [[ $command == -* ]] && command=serve || { shift words; (( CURRENT-- )) }",
    "  case $command in",
    ...commands.flatMap((spec) => [
      `    ${spec.name})`,
      "      _arguments \\",
      ...flagsOf(spec).map(argument),
      spec.name === "completions" ? "      '1: :(bash zsh fish)' ;;" : "      '*: :_files' ;;",
    ]),
    "  esac",
    "}",
    `if [[ $funcstack[1] == _imageproxy ]]; then _imageproxy "$@"; else compdef _imageproxy imageproxy; fi`,
  ].join("\n");
}

function fishScript(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap((spec) => {
    const condition = spec.name === "serve"
      ? `not __fish_seen_subcommand_from ${names.replace("serve ", "")}`
      : `__fish_seen_subcommand_from ${spec.name}`;
    return [
      `complete -c imageproxy -f -n __fish_use_subcommand -a ${spec.name} -d ${
        fishQuoted(spec.summary)
      }`,
      ...flagsOf(spec).map(({ word, summary, values }) => {
        const value = values === undefined
          ? ""
          : values.length > 0
          ? ` -x -a ${fishQuoted(values.join(" "))}`
          : " -r";
        return `complete -c imageproxy -n ${fishQuoted(condition)} -o ${word.slice(1)}${value} -d ${
          fishQuoted(summary)
        }`;
      }),
    ];
  });
  const shells =
    `complete -c imageproxy -f -n "__fish_seen_subcommand_from completions" -a "bash zsh fish"`;
  return [...lines, shells].join("\n");
}

function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
