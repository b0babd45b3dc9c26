// Which of several stored responses to one URL answers a request: the one whose request had the
// same values in the fields that Vary names (RFC 9111 section 4.1).

import { createHash } from "node:crypto";
import { field, type HeaderMap } from "./header_map.ts";
import { favouriteLanguage } from "./languages.ts";

/** Fields whose values are the same in any case (RFC 9110 section 12.5). */
const CASELESS = new Set(["accept", "accept-charset", "accept-encoding", "accept-language"]);

/**
 * The fields of a request that a response's Vary selects, each as a digest of its normalised value
 * so that credentials do not come to rest in a cache. A field that the request lacks is absent.
 * `undefined` means that no request ever matches (`*`).
 */
export function selectVary(vary: string | undefined, request: HeaderMap): HeaderMap | undefined {
  const names = varyNames(vary);
  if (names.includes("*")) return undefined;
  const selected: Record<string, string> = {};
  for (const name of names) {
    const value = field(request, name);
    if (value !== undefined) selected[name] = digest(normalise(name, value));
  }
  return selected;
}

/** The same as words for a key: a field that the request lacks is the empty word, which no digest is. */
export function variantOf(vary: string | undefined, request: HeaderMap): HeaderMap {
  const selected = selectVary(vary, request) ?? {};
  return Object.fromEntries(varyNames(vary).map((name) => [name, field(selected, name) ?? ""]));
}

/**
 * Whether a response stored with `selected` answers a request, given the response's Vary. A response in the
 * language that the request wants most answers it, however the other was worded: there is none better.
 */
export function matchesVary(
  vary: string | undefined,
  { selected, request, language }: {
    selected: HeaderMap;
    request: HeaderMap;
    /** The response's Content-Language. */
    language?: string | undefined;
  },
): boolean {
  const wanted = selectVary(vary, request);
  if (wanted === undefined) return false;
  return varyNames(vary).every((name) =>
    field(wanted, name) === field(selected, name) ||
    (name === "accept-language" && isFavourite(language, field(request, name)))
  );
}

function isFavourite(language: string | undefined, accepted: string | undefined): boolean {
  return language !== undefined && accepted !== undefined &&
    favouriteLanguage(accepted) === language.trim().toLowerCase();
}

/** What a response depends on: its own Vary and those of the redirects that led to it. */
export function varyOf(
  { headers, hops = [] }: {
    readonly headers: HeaderMap;
    readonly hops?: readonly { headers: HeaderMap }[];
  },
): string | undefined {
  if (hops.length === 0) return headers.vary;
  const fields = [headers, ...hops.map((hop) => hop.headers)].flatMap(({ vary }) => vary ?? []);
  return fields.length > 0 ? fields.join(", ") : undefined;
}

function varyNames(vary: string | undefined): string[] {
  const names = (vary ?? "").split(",").map((name) => name.trim().toLowerCase());
  return [...new Set(names)].filter((name) => name !== "").sort();
}

function normalise(name: string, value: string): string {
  const spaced = value.split(",").map((item) =>
    item.split(";").map((part) => part.trim()).join(";")
  )
    .filter((item) => item !== "").join(", ");
  return CASELESS.has(name) ? spaced.toLowerCase() : spaced;
}

function digest(value: string): string {
  return createHash("sha256").update(value).digest("base64url").slice(0, 22);
}
