// `name=location`, as the operator gives a source.

import { parseDuration } from "../cloud/location_query.ts";
import { OPTIONS } from "../options/table.ts";

export interface NamedSource {
  name: string;
  location: string;
}

/** Schemes that browsers and other programs know: what begins with one must not come to mean a source. */
const SCHEMES = new Set([
  ...["http", "https", "ftp", "ftps", "file", "data", "blob", "about", "javascript", "ws", "wss"],
  ...["mailto", "tel", "urn", "s3", "gs", "gcs", "azure", "enc", "local", "preset"],
]);

const OPTION_NAMES = new Set(
  Object.values(OPTIONS).flatMap(({ tokens }) =>
    "name" in tokens && tokens.name ? [tokens.name] : []
  ),
);

/** Takes `name=location` apart; throws an Error that completes the sentence "-source …". */
export function parseNamedSource(text: string): NamedSource {
  const [, name = "", location = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (location === "") {
    throw new Error("must be name=location such as photos=file:/var/www/pictures");
  }
  const problem = problemWithName(name);
  if (problem) throw new Error(problem);
  return { name, location };
}

/** Milliseconds that pictures of a source stay fresh which say nothing about it; undefined where it says none. */
export function lifetimeOfSource(entry: string): number | undefined {
  const [, query = ""] = entry.split(/\?(.*)/s);
  const value = new URLSearchParams(query).get("cache");
  return value === null ? undefined : parseDuration(value);
}

/** Whether a source may have this name. */
export function isSourceName(name: string): boolean {
  return problemWithName(name) === undefined;
}

function problemWithName(name: string): string | undefined {
  if (!/^[a-z][a-z0-9-]{1,62}$/.test(name)) {
    return "must have a name of two or more lower-case letters and digits, such as photos";
  }
  if (SCHEMES.has(name)) return `must have another name: ${name}: is a scheme`;
  if (OPTION_NAMES.has(name)) return `must have another name: ${name}: is an option`;
  return undefined;
}
