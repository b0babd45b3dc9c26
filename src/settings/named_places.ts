// Settings that name a source, which another setting must give.
import { sourceOf } from "../http/place.ts";
import { parseNamedSource } from "../sources/named_source.ts";
import { parseFallbackImage } from "./fallback_images.ts";
import { parseNamedOverlay } from "./overlays.ts";
import type { Config, SettingName } from "./table.ts";

/** The names of the sources, in the order in which they are given. Throws where one is given twice. */
export function sourceNames({ source }: Pick<Config, "source">): string[] {
  const names = source.map((entry) => parseNamedSource(entry).name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`-source gives the name ${twice} twice`);
  return names;
}

/** Throws one sentence where a setting names a source that there is not. */
export function checkNamedPlaces(config: Config): void {
  const known = sourceNames(config).map((name) => `${name}:`);
  const named: readonly (readonly [SettingName, readonly string[]])[] = [
    ["baseURL", [config.baseURL]],
    ["allowHosts", config.allowHosts],
    ["denyHosts", config.denyHosts],
    ["fallbackImage", config.fallbackImage.map((entry) => parseFallbackImage(entry).picture)],
    ["overlay", config.overlay.map((entry) => parseNamedOverlay(entry).picture)],
    [
      "origins",
      Object.entries(config.origins).flatMap((
        [patterns, { fallbackImage = "" }],
      ) => [...patterns.split(",").map((pattern) => pattern.trim()), fallbackImage]),
    ],
  ];
  for (const [setting, places] of named) {
    for (const name of places.map(sourceOf)) {
      if (name === undefined || name === "file:" || known.includes(name)) continue;
      const there = known.length > 0 ? `there are ${known.join(", ")}` : "there are none";
      throw new Error(`-${setting} names the source ${name} which no -source gives; ${there}`);
    }
  }
}
