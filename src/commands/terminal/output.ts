// How commands speak: results on stdout, everything else on stderr, one line each.
import { loadConfig } from "../../settings/file.ts";
import { printable } from "../../ops/printable.ts";
import type { FlagValues } from "./command_line.ts";
import type { ResolvedConfig } from "../../settings/resolve.ts";

/** Problems may quote names of files and what origins say. */
export function printProblems(problems: readonly string[]): void {
  for (const problem of problems) console.error(`imageproxy: ${printable(problem)}`);
}

/** The settings in force for a command, with this process's variables and files. Prints warnings. */
export async function currentConfig(flags: FlagValues): Promise<ResolvedConfig> {
  const resolved = await loadConfig({
    flags,
    variables: (name) => Deno.env.get(name),
    readTextFile: Deno.readTextFile,
  });
  printProblems(resolved.warnings.map((warning) => `Warning: ${warning}`));
  return resolved;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
