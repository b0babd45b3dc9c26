// Pictures to show where there is none: `picture` for all, `preset:name=picture` for a preset alone, where a
// picture is a file, a URL, or a picture of a named source.
import { type Kind, words } from "./kinds.ts";

export interface FallbackImage {
  /** The preset that it is for; undefined for all. */
  preset: string | undefined;
  picture: string;
}

/** Fallback images, separated by spaces or given by repeated flags. */
export const fallbackImages: Kind<readonly string[]> = {
  ...words,
  placeholder: "<picture>",
  parse(value) {
    const entries = words.parse(value);
    entries.forEach(parseFallbackImage);
    return entries;
  },
};

/** Throws an Error that completes the sentence "-fallbackImage …". */
export function parseFallbackImage(entry: string): FallbackImage {
  if (!entry.startsWith("preset:")) return { preset: undefined, picture: entry };
  const [, preset = "", picture = ""] = /^preset:([^=]*)=(.*)$/s.exec(entry) ?? [];
  if (preset === "" || picture === "") {
    throw new Error("must be a picture, or preset:name=picture for one preset");
  }
  return { preset, picture };
}
