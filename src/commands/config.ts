// The settings in force and where each comes from; with -check, a verdict for CI.
import { ALL_SETTINGS, type CommandSpec } from "./terminal/command_line.ts";
import { type Config, type Setting, type SettingName, SETTINGS } from "../settings/table.ts";
import { createTypeMatcher } from "../http/content_type.ts";
import { parseHostPatterns } from "../http/host.ts";
import type { ResolvedConfig } from "../settings/resolve.ts";
import { checkNamedPlaces } from "../settings/named_places.ts";
import { readKeys } from "../settings/keys.ts";
import { createConfiguredFetcher } from "../serving/configured_fetcher.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";

export const config: CommandSpec = {
  name: "config",
  operands: "",
  summary: "Print the settings in force and where each comes from",
  details: ["Secrets are masked. Exits with 1 where anything is wrong, key files included."],
  settings: ALL_SETTINGS,
  flags: {
    check: { summary: "Print problems only" },
    json: { summary: "Print one JSON object" },
  },
  async run({ settings, flags }) {
    const resolved = await currentConfig(settings);
    const problems = [...resolved.problems, ...await deeperProblems(resolved)];
    printProblems(problems);
    if (flags.check !== "true") {
      console.log(flags.json === "true" ? asJson(resolved) : asTable(resolved));
    }
    return problems.length > 0 ? 1 : 0;
  },
};

/** What only shows when the values are put to use. */
async function deeperProblems({ config, sources }: ResolvedConfig): Promise<string[]> {
  const checks: readonly (readonly [SettingName, () => unknown])[] = [
    ["allowHosts", () => parseHostPatterns(config.allowHosts)],
    ["denyHosts", () => parseHostPatterns(config.denyHosts)],
    ["contentTypes", () => createTypeMatcher(config.contentTypes)],
  ];
  const problems: string[] = [];
  for (const [name, check] of checks) {
    try {
      check();
    } catch (error) {
      problems.push(`${sources[name].label}: ${messageOf(error)}`);
    }
  }
  const { readFile } = Deno;
  // These name the setting themselves.
  const furtherChecks: readonly (() => unknown)[] = [
    () => checkNamedPlaces(config),
    () => readKeys(config.signatureKey, { setting: "signatureKey", readFile }),
    () => readKeys(config.sourceKey, { setting: "sourceKey", readFile }),
    // Says again what the lists of hosts have said, if they have.
    () => problems.length > 0 || openSources(config),
  ];
  for (const check of furtherChecks) {
    try {
      await check();
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return problems;
}

async function openSources(config: Config): Promise<void> {
  const env = (name: string) => Deno.env.get(name);
  await createConfiguredFetcher({ config, authorities: [] }, { env, now: Date.now, warn: () => {} })
    .close();
}

function shown(name: SettingName, value: unknown): string {
  const { kind, secret } = SETTINGS[name] as Setting<unknown>;
  const text = (kind.show ?? String)(value);
  return secret === true && text !== "" ? "********" : text;
}

function asTable({ config, sources }: ResolvedConfig): string {
  const rows = ALL_SETTINGS.map((name) => [name, shown(name, config[name]), sources[name].label]);
  const widths = [0, 1].map((column) =>
    Math.min(40, Math.max(...rows.map((row) => row[column]!.length)))
  );
  return rows
    .map(([name, value, label]) =>
      `${name!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  # ${label}`
    )
    .join("\n");
}

function asJson({ config, sources }: ResolvedConfig): string {
  const entries = ALL_SETTINGS.map((
    name,
  ) => [name, { value: shown(name, config[name]), from: sources[name].label }]);
  return JSON.stringify(Object.fromEntries(entries), null, 2);
}
