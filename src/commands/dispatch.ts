// From the words of the command line to a command and its exit code.
import { type CommandSpec, createCommand, parseArguments } from "./terminal/command_line.ts";
import { nearest } from "../options/nearest.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";
import { COMMANDS } from "./table.ts";

/** Runs what the words ask for, without a command's name the server, and resolves to the exit code. */
export async function dispatch(args: readonly string[]): Promise<number> {
  const [first = ""] = args;
  // What other programs print of themselves; the Go program's -version among other flags does nothing.
  if (args.length === 1 && /^--?(version|V)$/.test(first)) return await runCommand("version", []);
  if (args.length === 1 && /^--?(help|h)$/.test(first)) return await runCommand("help", []);
  if (first === "" || first.startsWith("-")) return await runCommand("serve", args);
  const rest = args.slice(1);
  if (find(first)) return await runCommand(first, rest);
  const names = COMMANDS.map(({ name }) => name);
  printProblems([
    `There is no command ${JSON.stringify(first)}${nearest(first, names)}`,
    "imageproxy --help lists the commands",
  ]);
  return 1;
}

async function runCommand(name: string, args: readonly string[]): Promise<number> {
  const spec = find(name)!;
  const { problems, help, ...input } = parseArguments(spec, args);
  if (help) {
    console.log(createCommand(spec).helpInformation().trimEnd());
    return 0;
  }
  if (problems.length > 0) {
    printProblems([...problems, ...(await currentConfig(input.settings)).problems]);
    return 1;
  }
  try {
    return await spec.run({ ...input, commands: COMMANDS });
  } catch (error) {
    printProblems([messageOf(error)]);
    return 1;
  }
}

function find(name: string): CommandSpec | undefined {
  return COMMANDS.find((spec) => spec.name === name);
}
