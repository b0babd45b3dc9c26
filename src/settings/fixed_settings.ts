// What a reload leaves as it is.
import { type Config, type Setting, type SettingName, SETTINGS } from "./table.ts";

/** The wanted settings, but those that are taken at the start as they are; and which of these differ. */
export function withFixed(
  wanted: Config,
  current: Config,
): { config: Config; ignored: SettingName[] } {
  const fixed = (Object.entries(SETTINGS) as [SettingName, Setting<unknown>][])
    .filter(([, entry]) => entry.fixed)
    .map(([name]) => name);
  const kept = Object.fromEntries(fixed.map((name) => [name, current[name]]));
  return {
    config: { ...wanted, ...kept },
    ignored: fixed.filter((name) => JSON.stringify(wanted[name]) !== JSON.stringify(current[name])),
  };
}
