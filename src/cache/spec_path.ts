// Where a `-cache` value points to: its URL or path, taken apart. Pure.
import { decodeIfValid } from "../http/percent_encoding.ts";
import { badSpec } from "./spec.ts";

/** Throws where it is none. */
export function parseUrl(spec: string): URL {
  // The URL parser reads s3:///bucket, without a region, only with a host.
  const url = URL.parse(spec);
  if (!url || !/^[a-z0-9]+:\/\//i.test(spec)) throw badSpec(spec, "it is not a URL");
  return url;
}

/** The path's segments, decoded; throws where one is a dot or two. */
export function segmentsOf(spec: string, url: URL): string[] {
  const written = /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(spec)?.[1] ?? url.pathname;
  const segments = written.split("/").filter((segment) => segment !== "").map(decodeIfValid);
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw badSpec(spec, "a path may not hold . or ..");
  }
  return segments;
}

/** What keys in these folders begin with. */
export function prefixOf(folders: string[]): string {
  return folders.map((folder) => `${folder}/`).join("");
}

/** A path that is no URL, and its query. */
export function splitQuery(text: string): { path: string; query: URLSearchParams } {
  const [path = "", query = ""] = text.split(/\?(.*)/s);
  return { path, query: new URLSearchParams(query) };
}
