// From what flags, variables and the config file say to one Config. Every problem is collected and none
// is fatal here, so that a person can mend them all at once.
import {
  type Config,
  OLD_NAMES,
  type Setting,
  type SettingName,
  SETTINGS,
  variableOf,
} from "./table.ts";
import { nearest } from "../options/nearest.ts";

/** Where a value comes from, strongest first. */
export type Source = "flag" | "variable" | "file" | "default";

export interface ResolvedConfig {
  config: Config;
  /** Per setting: the kind of source, and its name as a person would look for it: `-addr`, `PORT`. */
  sources: Record<SettingName, { source: Source; label: string }>;
  /** One sentence per value that cannot be used, each naming its flag, variable or key. */
  problems: string[];
  /** One sentence per old spelling in use. */
  warnings: string[];
}

/** Values as given: text, a list of texts, or undefined where nothing is said. */
export type GivenValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A config file as read: its path and its top-level keys. */
export interface ConfigFile {
  path: string;
  values: Readonly<Record<string, unknown>>;
}

interface Given {
  source: Source;
  label: string;
  value: string | readonly string[];
  /** The old spelling under which it was given. */
  oldName?: string;
}

/** Values from flags, else variables, else the file, else defaults. An empty variable says nothing. */
export function resolveConfig(
  flags: GivenValues,
  variables: (name: string) => string | undefined,
  { file }: { file?: ConfigFile | undefined } = {},
): ResolvedConfig {
  const config: Record<string, unknown> = {};
  const sources: Record<string, { source: Source; label: string }> = {};
  const warnings: string[] = [];
  const fromFile = file ? readValues(file) : { values: {}, problems: [] };
  const problems = [...fromFile.problems];
  for (const [name, entry] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    config[name] = entry.default;
    sources[name] = { source: "default", label: "default" };
    const given = lookUp("flag", {
      name,
      values: (key) => flags[key],
      label: (key) => `-${key}`,
    }) ??
      lookUp("variable", {
        name,
        values: (key) => variables(variableOf(key)) || undefined,
        label: variableOf,
      }) ??
      (name === "addr" ? platformPort(variables("PORT")) : undefined) ??
      lookUp("file", {
        name,
        values: (key) => fromFile.values[key],
        label: (key) => `${key} in ${file?.path}`,
      });
    if (given === undefined) continue;
    if (given.oldName) warnings.push(`${given.label} is the old name of ${name}`);
    sources[name] = { source: given.source, label: given.label };
    try {
      config[name] = parseValue(entry, given.value);
    } catch (error) {
      const shown = entry.secret ? "the value given" : JSON.stringify(given.value);
      problems.push(`${given.label} ${(error as Error).message}, not ${shown}`);
    }
  }
  return {
    config: config as Config,
    sources: sources as ResolvedConfig["sources"],
    problems,
    warnings,
  };
}

interface Place {
  name: SettingName;
  values(key: string): string | readonly string[] | undefined;
  label(key: string): string;
}

function lookUp(source: Source, { name, values, label }: Place): Given | undefined {
  const value = values(name);
  if (value !== undefined) return { source, label: label(name), value };
  for (const [oldName, entry] of Object.entries(OLD_NAMES)) {
    const old = entry.name === name ? values(oldName) : undefined;
    if (old === undefined) continue;
    const translated = typeof old === "string" ? entry.value(old) : old.map(entry.value);
    return { source, label: label(oldName), value: translated, oldName };
  }
  return undefined;
}

/** What platforms that run containers set: the port to listen on, on all interfaces. */
function platformPort(port: string | undefined): Given | undefined {
  return port ? { source: "variable", label: "PORT", value: `:${port}` } : undefined;
}

function parseValue({ kind }: Setting<unknown>, given: string | readonly string[]): unknown {
  if (typeof given === "string") return kind.parse(given);
  if (kind.isList) {
    return given.flatMap((item) => kind.parse(item));
  }
  throw new Error("must be one value");
}

/** The file's values as the texts that flags would be, and its keys that are no settings. */
function readValues(
  { path, values }: ConfigFile,
): { values: Record<string, string | readonly string[]>; problems: string[] } {
  const texts: Record<string, string | readonly string[]> = {};
  const problems: string[] = [];
  const names = Object.keys(SETTINGS).filter((name) => name !== "config");
  const isObject = (key: string) =>
    (SETTINGS[key as SettingName] as Setting<unknown>).kind.isObject;
  for (const [key, value] of Object.entries(values)) {
    if (key === "config") {
      problems.push(`config in ${path} cannot be set there: use -config or ${variableOf(key)}`);
    } else if (!names.includes(key) && !Object.hasOwn(OLD_NAMES, key)) {
      problems.push(`${JSON.stringify(key)} in ${path} is no setting${nearest(key, names)}`);
    } else if (Array.isArray(value) && value.every(isScalar)) {
      texts[key] = value.map(String);
    } else if (isScalar(value)) {
      texts[key] = String(value);
    } else if (value !== null && typeof value === "object" && isObject(key)) {
      texts[key] = JSON.stringify(value);
    } else {
      problems.push(`${key} in ${path} must be a text, a number, true, false or a list of texts`);
    }
  }
  return { values: texts, problems };
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
