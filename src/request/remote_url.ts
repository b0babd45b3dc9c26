// The remote URL in a request target: plain, percent-encoded whole, or base64url; of the web, of a named
// source, or relative to a base. It is worked on as received: what the URL parser of a browser would tidy up
// (dot segments, %2F, double slashes) has to reach the origin as it was sent.
import { Buffer, isUtf8 } from "node:buffer";
import { ProxyError } from "../errors.ts";
import { decodeIfValid, percentEncoded } from "../http/percent_encoding.ts";
import { pathOf, sourceOf } from "../http/place.ts";
import { quote, quoteUrl } from "../options/option.ts";
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
  const decoded = [text.replace(/^enc%3A/i, HIDDEN), decodeBase64Url(text)?.text];
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
    (/^https?:\/\//i.test(decoded.text) || hasName(decoded.text, /:/) ||
      (baseUrl !== undefined && decoded.isText));
  if (isWanted) {
    url = decoded.text;
    encoded = true;
  }
  if (/^https?%3A%2F/i.test(url) || hasName(url, /%3A/i)) {
    url = decodePercent(url);
    encoded = true;
  }
  if (/^https?%3A\//i.test(url)) url = withColons(url);
  const absolute = /^(https?):\/+(?=[^/])/i.exec(url);
  if (absolute) {
    const scheme = absolute[1]!.toLowerCase();
    return { url: `${scheme}://${url.slice(absolute[0].length)}`, encoded };
  }
  if (hasName(url, /:/)) return { url: url.replace(/^([^:]*:)\/+/, "$1"), encoded };
  if (baseUrl === undefined || /^[a-z][a-z0-9+.-]*:/i.test(url)) return undefined;
  return { url: resolve(url, baseUrl), encoded };
}

/**
 * A URL that something escaped one path segment at a time: its slashes are bare, its colons are not. The
 * rest is as it was, and the query string belongs to it.
 */
function withColons(url: string): string {
  return url.replace(
    /^(https?)%3A(\/+[^/?]*)/i,
    (_, scheme, authority) => `${scheme}:${authority.replace(/%3A(?=\d{1,5}$)/i, ":")}`,
  );
}

/**
 * A relative URL against the base (RFC 3986 section 5.2), but for dot segments, which the origin resolves.
 * Below a source it is the rest of the path, whatever it begins with.
 */
function resolve(url: string, baseUrl: string): string {
  if (sourceOf(baseUrl)) return baseUrl.replace(/[^:/]$/, "$&/") + url.replace(/^\/+/, "");
  const { protocol, origin, pathname } = new URL(baseUrl);
  if (url.startsWith("//")) return protocol + url;
  if (url.startsWith("/")) return origin + url;
  if (url === "" || url.startsWith("?")) return origin + pathname + url;
  return origin + pathname.slice(0, pathname.lastIndexOf("/") + 1) + url;
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
    throw new ProxyError("malformed", `Cannot parse the host of the remote URL ${quoteUrl(url)}`);
  }
}

/** Base64url without padding: what it stands for, and whether that is text. Undefined for all else. */
function decodeBase64Url(text: string): { text: string; isText: boolean } | undefined {
  if (!/^[A-Za-z0-9_-]{2,}$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return { text: asText(bytes), isText: isUtf8(bytes) };
}

/** Throws a malformed ProxyError where an escape is none. Bytes that are no UTF-8 stay escaped. */
export function decodePercent(text: string): string {
  if (/%(?![\da-f]{2})/i.test(text)) {
    throw new ProxyError("malformed", `Cannot decode the percent-encoding of ${quote(text)}`);
  }
  return text.replace(
    /(?:%[\da-f]{2})+/gi,
    (escapes) => asText(Buffer.from(escapes.replaceAll("%", ""), "hex")),
  );
}

/** Bytes as UTF-8, in which those that are none are percent-encoded. */
function asText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((most) => isUtf8(bytes.subarray(at, at + most)));
    text += length === undefined
      ? `%${bytes.subarray(at, at + 1).toString("hex").toUpperCase()}`
      : bytes.subarray(at, at + length).toString("utf8");
    at += length ?? 1;
  }
  return text;
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
  const encoded = percentEncoded(rest, unsafe);
  return (/^[\x21-\x24\x26-\x7e]*$/.test(start) ? start : asciiOrigin(start)) + encoded;
}

/**
 * The origin with an internationalised host name in its ASCII form (UTS 46), in whichever spelling it came:
 * browsers percent-encode the name in a path. What no host may hold stays, to be refused.
 */
function asciiOrigin(origin: string): string {
  const parsed = /[@\\]/.test(origin) ? null : URL.parse(origin);
  return parsed?.origin ?? percentEncoded(origin, RECEIVED_UNSAFE);
}
