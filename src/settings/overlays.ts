// Pictures that may be laid over others by a name: `logo=picture`, where a picture is a file (`@path`), a URL, or
// a picture of a named source.
import { type Kind, words } from "./kinds.ts";

export interface NamedOverlay {
  name: string;
  picture: string;
}

/** Named pictures, separated by spaces or given by repeated flags. */
export const overlays: Kind<readonly string[]> = {
  ...words,
  placeholder: "<name=picture>",
  parse(value) {
    // A path may hold spaces; a name and its = begin the next.
    const entries = value.trim().split(/\s+(?=[a-z][a-z0-9-]*=)/).filter((entry) => entry !== "");
    const names = entries.map((entry) => parseNamedOverlay(entry).name);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) throw new Error(`must not give the name ${twice} twice`);
    return entries;
  },
};

/** Throws an Error that completes the sentence "-overlay …". */
export function parseNamedOverlay(entry: string): NamedOverlay {
  // Without capitals, which the base64url of a URL always has.
  const [, name, picture] = /^([a-z][a-z0-9-]*)=@?([^@].*)$/s.exec(entry) ?? [];
  if (name !== undefined && picture !== undefined) return { name, picture };
  throw new Error(
    "must be name=picture with a name of lower-case letters and digits, such as logo=@/etc/logo.png",
  );
}
