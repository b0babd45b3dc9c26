// The config file: JSON with comments and trailing commas, whose keys are the names of the settings.
import type { GivenValues, ResolvedConfig } from "./resolve.ts";
import { resolveConfig } from "./resolve.ts";
import { variableOf } from "./table.ts";

export interface ConfigSources {
  flags: GivenValues;
  variables(name: string): string | undefined;
  readTextFile(path: string): Promise<string>;
}

/** Reads the file that -config or IMAGEPROXY_CONFIG names, if any, and resolves all settings. Never rejects. */
export async function loadConfig(
  { flags, variables, readTextFile }: ConfigSources,
): Promise<ResolvedConfig> {
  const flag = typeof flags.config === "string" ? flags.config : undefined;
  const path = flag ?? variables(variableOf("config"));
  if (!path) return resolveConfig(flags, variables);
  try {
    const values = parseConfigFile(await readTextFile(path));
    return resolveConfig(flags, variables, { file: { path, values } });
  } catch (error) {
    const resolved = resolveConfig(flags, variables);
    const label = flag === undefined ? variableOf("config") : "-config";
    const problem = `${label} cannot be used: ${path}: ${(error as Error).message}`;
    return { ...resolved, problems: [problem, ...resolved.problems] };
  }
}

/** The top-level object of a config file. Throws an Error that says where the text is no JSON. */
export function parseConfigFile(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(plainJson(text));
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error("The file must hold one object: { … }");
}

/** Blanks comments and trailing commas, letter for letter, so that positions in messages stay true. */
function plainJson(text: string): string {
  const blank = (found: string) => found.replace(/[^\r\n]/g, " ");
  const string = `"(?:[^"\\\\\\n]|\\\\.)*"`;
  return text
    .replace(/^\ufeff/, "")
    .replace(
      new RegExp(`${string}|//[^\\n]*|/\\*[^]*?\\*/`, "g"),
      (found) => found.startsWith('"') ? found : blank(found),
    )
    .replace(
      new RegExp(`${string}|,(?=\\s*[}\\]])`, "g"),
      (found) => found.startsWith('"') ? found : blank(found),
    );
}
