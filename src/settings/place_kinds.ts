// Kinds of settings that say where pictures are, and where they are asked for. An error completes the sentence
// "{flag} {error}, not {text}".
import { createHttpProxy } from "../http/origin/http_proxy.ts";
import { sourceOf } from "../http/place.ts";
import { isSourceName, parseNamedSource } from "../sources/named_source.ts";
import { type Kind, words } from "./kinds.ts";

/** An absolute http or https URL, or a named source with a path in it; empty for none. */
export const baseUrl: Kind<string> = {
  placeholder: "<url>",
  parse(value) {
    const [name] = value.split(":", 1);
    if (value === "" || (sourceOf(value) && isSourceName(name!))) return value;
    if (/^https?:$/.test(URL.parse(value)?.protocol ?? "")) return value;
    throw new Error("must be an absolute URL such as https://images.example.com/, or photos:");
  },
};

/** The path below which everything is, as it is written in URLs; empty, or a slash alone, for none. */
export const pathPrefix: Kind<string> = {
  placeholder: "<path>",
  parse(value) {
    const path = value.replace(/\/+$/, "");
    const isPath = path === "" || /^(?:\/[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*)+$/.test(path);
    if (isPath) return path;
    throw new Error("must be a path such as /img");
  },
};

/** `http://user:password@host:port`; empty for none. */
export const httpProxy: Kind<string> = {
  placeholder: "<url>",
  parse(value) {
    if (value !== "") createHttpProxy(value, { direct: [] });
    return value;
  },
  show: (value) => value.replace(/\/\/.*@/, "//********@"),
};

/** Named sources, each `name=location`, separated by spaces or given by repeated flags. */
export const sources: Kind<readonly string[]> = {
  ...words,
  placeholder: "<name=location>",
  parse(value) {
    // A location may hold spaces, as paths do; a name and its = begin the next.
    const entries = value.trim().split(/\s+(?=[a-z][a-z0-9-]*=)/).filter((entry) => entry !== "");
    entries.forEach(parseNamedSource);
    return entries;
  },
};
