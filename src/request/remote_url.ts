// The remote URL in a request target: plain, percent-encoded whole, or base64url; of the web, of a named
// source, or relative to a base. It is worked on as received: what the URL parser of a browser would tidy up
// (dot segments, %2F, double slashes) has to reach the origin as it was sent.
import { ProxyError } from "../errors.ts";
import { decodeIfValid } from "../http/percent_encoding.ts";
import { pathOf, sourceOf } from "../http/place.ts";
import { quote } from "../options/option.ts";
import { HIDDEN, type Reveal } from "./hidden_url.ts";
import { objectName } from "../sources/object_name.ts";

/** A remote URL, in the two forms that matter. */
export interface RemoteUrl {
  /** As the origin will be asked for it: printable ASCII, no fragment. */
  remoteUrl: string;
  /** As the client wrote it, decoded where it was encoded. */
  remoteUrlAsSent: string;
  /** What caches know the picture by, where that is not the remote URL itself. */
  cachedAs?: string;
  /** Whether the client does not know it, and must not learn it. */
  isHidden?: true;
}

export interface RemoteUrlSettings {
  /** Absolute http(s) URL, or `name:` of a source and a path, that relative remote URLs resolve against. */
  baseUrl?: string | undefined;
  /** The names of the sources, without their colons. */
  sources?: readonly string[];
  /** Reads hidden URLs; undefined where there are none. */
  reveal?: Reveal | undefined;
  /** Whether a parameter of this name is no part of what a URL identifies; undefined where all are. */
  isPassing?: ((parameter: string) => boolean) | undefined;
}

/** A remote URL that was found in a path; the request's query is still to come. */
export interface FoundUrl {
  url: string;
  /** Whether it was percent-encoded or base64url, so that the query string is not part of it. */
  encoded: boolean;
  /** The token that it was hidden in. */
  hiddenIn?: string;
}

/** The remote URL in a path, or undefined where the text is not an absolute one (and no base is given). */
export function findRemoteUrl(
  text: string,
  { reveal, ...settings }: Omit<RemoteUrlSettings, "isPassing">,
): FoundUrl | undefined {
  const hiddenIn = reveal && hiddenUrl(text);
  if (!reveal || !hiddenIn) return findOpenUrl(text, settings);
  const found = findOpenUrl(reveal(hiddenIn.slice(HIDDEN.length)), settings);
  if (!found) throw unusable();
  return { url: found.url, encoded: true, hiddenIn };
}

/** The `enc:` URL that a path is, in whichever encoding. */
function hiddenUrl(text: string): string | undefined {
  const decoded = [text.replace(/^enc%3A/i, HIDDEN), decodeBase64Url(text)];
  return decoded.find((candidate) => candidate?.startsWith(HIDDEN));
}

function unusable(): ProxyError {
  return new ProxyError("malformed", "The hidden remote URL cannot be asked for");
}

function findOpenUrl(
  text: string,
  { baseUrl, sources = [] }: Pick<RemoteUrlSettings, "baseUrl" | "sources">,
): FoundUrl | undefined {
  let url = text;
  let encoded = false;
  const hasName = (candidate: string, colon: RegExp) => {
    const name = candidate.slice(0, candidate.search(colon));
    return sources.includes(name);
  };
  const decoded = decodeBase64Url(text);
  const isWanted = decoded !== undefined &&
    (/^https?:\/\//i.test(decoded) || hasName(decoded, /:/) || baseUrl !== undefined);
  if (isWanted) {
    url = decoded;
    encoded = true;
  }
  if (/^https?%3A%2F/i.test(url) || hasName(url, /%3A/i)) {
    url = decodePercent(url);
    encoded = true;
  }
  const absolute = /^(https?):\/+(?=[^/])/i.exec(url);
  if (absolute) {
    const scheme = absolute[1]!.toLowerCase();
    return { url: `${scheme}://${url.slice(absolute[0].length)}`, encoded };
  }
  if (hasName(url, /:/)) return { url: url.replace(/^([^:]*:)\/+/, "$1"), encoded };
  if (baseUrl === undefined || /^[a-z][a-z0-9+.-]*:/i.test(url)) return undefined;
  return { url: resolve(encoded ? url : url.replaceAll("#", "%23"), baseUrl), encoded };
}

/** A relative URL against the base. Below a source it is the rest of the path, whatever it begins with. */
function resolve(url: string, baseUrl: string): string {
  if (sourceOf(baseUrl)) return baseUrl.replace(/[^:/]$/, "$&/") + url.replace(/^\/+/, "");
  const resolved = URL.parse(url, baseUrl);
  if (!resolved) throw new ProxyError("malformed", `Cannot parse the remote URL ${quote(url)}`);
  return resolved.href;
}

/** Completes a URL with the request's query; throws a malformed ProxyError for what no origin may be asked. */
export function completeRemoteUrl(
  found: FoundUrl,
  { query, isPassing }: { query: string } & Pick<RemoteUrlSettings, "isPassing">,
): RemoteUrl {
  const remote = complete(found, query);
  const cachedAs = isPassing && withoutParameters(remote.remoteUrl, isPassing);
  return cachedAs === undefined || cachedAs === remote.remoteUrl ? remote : { ...remote, cachedAs };
}

/** The URL without the parameters of these names; all else stays as it is written. */
function withoutParameters(url: string, isPassing: (parameter: string) => boolean): string {
  const [path = "", query] = url.split(/\?(.*)/s);
  if (query === undefined) return url;
  const kept = query.split("&").filter((pair) => !isPassing(decodeIfValid(pair.split("=", 1)[0]!)));
  return kept.length > 0 ? `${path}?${kept.join("&")}` : path;
}

function complete(found: FoundUrl, query: string): RemoteUrl {
  if (found.hiddenIn === undefined) return completeOpenUrl(found, query);
  try {
    const { remoteUrl } = completeOpenUrl(found, "");
    return { remoteUrl, remoteUrlAsSent: found.hiddenIn, isHidden: true };
  } catch {
    // Whatever is wrong with it would tell what it is.
    throw unusable();
  }
}

function completeOpenUrl({ url, encoded }: FoundUrl, query: string): RemoteUrl {
  const remoteUrlAsSent = encoded
    ? url.replace(/#.*$/s, "")
    : url.replaceAll("#", "%23") + query.replaceAll("#", "%23");
  const remoteUrl = encodeUnsafe(remoteUrlAsSent, encoded ? DECODED_UNSAFE : RECEIVED_UNSAFE);
  if (sourceOf(remoteUrl)) objectName(pathOf(remoteUrl));
  else checkAuthority(remoteUrl);
  return { remoteUrl, remoteUrlAsSent };
}

/** Refuses what a URL may hold but an image's address need not: user names, and hosts no parser agrees on. */
function checkAuthority(url: string): void {
  const authority = /^https?:\/\/([^/?]*)/.exec(url)?.[1] ?? "";
  if (authority.includes("@")) {
    throw new ProxyError("malformed", "The remote URL must not hold a user name or password");
  }
  const parsed = URL.parse(url);
  if (!parsed || parsed.hostname === "" || authority.includes("%") || authority.includes("\\")) {
    throw new ProxyError("malformed", `Cannot parse the host of the remote URL ${quote(url)}`);
  }
}

/** Base64url without padding that decodes to UTF-8 text; undefined for all else. */
function decodeBase64Url(text: string): string | undefined {
  if (!/^[A-Za-z0-9_-]{2,}$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  );
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Throws a malformed ProxyError where an escape is none. */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ProxyError("malformed", `Cannot decode the percent-encoding of ${quote(text)}`);
  }
}

/** What may not stand in a request line; all else of a plain remote URL goes on as it was received. */
const RECEIVED_UNSAFE = /[^\x21-\x7e]/gu;
/** What a decoded remote URL may hold and a URL may not (RFC 3986 appendix A). */
const DECODED_UNSAFE = /[^\x21-\x7e]|["<>\\^`{|}]/gu;

/** Percent-encodes the unsafe characters behind the host; refuses control characters, which are never meant. */
function encodeUnsafe(url: string, unsafe: RegExp): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f]/.test(url)) {
    throw new ProxyError("malformed", "The remote URL must not hold control characters");
  }
  const [, start = "", rest = ""] = /^(https?:\/\/[^/?]*|[a-z][a-z0-9-]*:)(.*)$/s.exec(url) ?? [];
  const encoded = rest.replace(unsafe, encodeCharacter);
  return (/^[\x21-\x7e]*$/.test(start) ? start : asciiOrigin(start)) + encoded;
}

function encodeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code >= 0xd800 && code <= 0xdfff) return "%EF%BF%BD";
  return character.length === 1 && code < 0x80
    ? `%${code.toString(16).toUpperCase().padStart(2, "0")}`
    : encodeURIComponent(character);
}

/** The origin with an internationalised host name in its ASCII form (UTS 46). */
function asciiOrigin(origin: string): string {
  return URL.parse(origin)?.origin ?? origin.replace(/[^\x21-\x7e]/gu, encodeCharacter);
}
