// Keys are hashes: backends fold, cut and refuse characters that URLs are full of. A key begins with
// the hash of the remote URL, so that everything made from one URL is found by listing one prefix,
// with no index to keep right between several writers.

import { createHash } from "node:crypto";
import { identityOf } from "../http/url_identity.ts";

/** Where in a key its kind stands: after `ab:cd:`, the hash and a dash. */
const KIND_AT = 6 + 64 + 1;

export type Kind = "original" | "result";

/** Values by name that tell one variant of a response from another, in any order. */
export type Variant = Readonly<Record<string, string>>;

/** What every key of a URL's original and results begins with, however it is spelt: `ab:cd:` and 64 hex digits. */
export function urlPrefix(url: string): string {
  const hash = sha256(identityOf(url));
  // Two levels of folders of at most 256: what file systems and bucket listings like.
  return `${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash}`;
}

/** What the keys of everything made from the same URL begin with. */
export function urlPrefixOf(key: string): string {
  return key.slice(0, KIND_AT - 1);
}

/** The key of a remote URL's bytes, in a version if one was named, as answered to the request headers in `variant`. */
export function originalKey(
  url: string,
  { version, variant = {} }: { version?: string | undefined; variant?: Variant } = {},
): string {
  const parts = version === undefined ? [sorted(variant)] : [sorted(variant), version];
  return `${urlPrefix(url)}-o${rest(parts)}`;
}

/** The key of an image made from a URL by canonical options, in a format if one was negotiated. */
export function resultKey(
  url: string,
  { options, format = "", variant = {} }: { options: string; format?: string; variant?: Variant },
): string {
  return `${urlPrefix(url)}-r${rest([options, format, sorted(variant)])}`;
}

/** What a key is the key of; costs one look at one character. */
export function kindOfKey(key: string): Kind {
  return key[KIND_AT] === "r" ? "result" : "original";
}

function sorted(variant: Variant): [string, string][] {
  return Object.entries(variant).sort(([a], [b]) => a < b ? -1 : 1);
}

// JSON keeps the parts apart: no two lists of parts are written alike.
function rest(parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 32);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
