// Where something is kept, as a person writes it: `s3://region/bucket/prefix?timeout=5s`. Pure.
import { decodeIfValid } from "../http/percent_encoding.ts";
import { type Fail, type LocationQuery, readQuery } from "./location_query.ts";

export interface Location {
  /** As written, "" for none. */
  host: string;
  /** The path's, decoded; none is empty, a dot or two. */
  segments: string[];
  query: LocationQuery;
  fail: Fail;
}

/** Takes a URL apart; throws what `fail` gives where it is none. */
export function parseLocation(text: string, fail: Fail): Location {
  const url = parseUrl(text, fail);
  return {
    host: url.host,
    segments: segmentsOf(text, { url, fail }),
    query: readQuery(url.searchParams, fail),
    fail,
  };
}

/** Throws where the text is no URL. */
export function parseUrl(text: string, fail: Fail): URL {
  // The URL parser reads s3:///bucket, without a region, only with a host.
  const url = URL.parse(text);
  if (!url || !/^[a-z0-9]+:\/\//i.test(text)) throw fail("it is not a URL");
  return url;
}

function segmentsOf(text: string, { url, fail }: { url: URL; fail: Fail }): string[] {
  const written = /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(text)?.[1] ?? url.pathname;
  const segments = written.split("/").filter((segment) => segment !== "").map(decodeIfValid);
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw fail("a path may not hold . or ..");
  }
  return segments;
}

/** What names in these folders begin with. */
export function prefixOf(folders: readonly string[]): string {
  return folders.map((folder) => `${folder}/`).join("");
}

/** The path in `file:/path?query`, `file:///path?query` or `/path?query`, decoded; throws where there is none. */
export function parseFileLocation(
  text: string,
  fail: Fail,
): { path: string; query: LocationQuery } {
  const [path = "", query = ""] = text.replace(/^file:(?:\/\/(?=\/))?/i, "").split(/\?(.*)/s);
  if (path.startsWith("//")) throw fail("a file takes a path, as in file:/var/cache");
  if (path === "") throw fail("the path is missing, as in file:/var/cache");
  return {
    path: decodeIfValid(path).replace(/(?<=.)\/+$/, ""),
    query: readQuery(new URLSearchParams(query), fail),
  };
}

/** A location without the password that it may hold. */
export function withoutPassword(text: string): string {
  return text.replace(/^([a-z0-9+.-]+:\/\/[^/?#@]*?):[^/?#]*@/i, "$1:***@");
}
