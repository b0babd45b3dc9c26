// Presets: lists of options under a name, so that a server can offer a few pictures of each image and
// nothing else. They are expanded before anything is keyed by the options, so that changing a preset
// changes its pictures.
import { ProxyError } from "../errors.ts";
import { quote } from "./option.ts";
import { parseOptions, type ParseOptionsSettings } from "./parse.ts";
import type { Options } from "./table.ts";

export type Presets = ReadonlyMap<string, Options>;

/** Parses `name=options` entries, of which a later one of the same name wins; throws a RangeError that quotes a bad one. */
export function parsePresets(
  entries: readonly string[],
  settings: ParseOptionsSettings = {},
): Presets {
  return new Map(entries.map((entry) => {
    const [, name, text] = /^([\w.-]+)=(.*)$/s.exec(entry) ?? [];
    if (name === undefined || text === undefined) {
      throw new RangeError(`Cannot parse preset ${quote(entry)}: write name=options`);
    }
    try {
      const { preset, signature, validUntil, ...options } = parseOptions(text, settings);
      if (preset || signature || validUntil) {
        throw new Error("a preset holds no other preset, signature or expiry");
      }
      return [name, options];
    } catch (cause) {
      throw new RangeError(`Cannot parse preset ${quote(entry)}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }));
}

/** The options with those of their preset, over which what the URL says itself wins. */
export function expandPreset(options: Options, presets: Presets): Options {
  const { preset: name, ...own } = options;
  if (name === undefined) return options;
  const preset = presets.get(name);
  if (!preset) throw new ProxyError("malformed", `There is no preset ${quote(name)}`);
  return { ...preset, ...own };
}
