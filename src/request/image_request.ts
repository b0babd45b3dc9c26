// The request target becomes an image request. It is worked on as received: what the URL parser of a
// browser would tidy up (dot segments, %2F, double slashes) has to reach the origin as it was sent.
import { ProxyError } from "../errors.ts";
import { quote } from "../options/option.ts";
import { parseOptions, type ParseOptionsSettings } from "../options/parse.ts";
import { expandPreset, type Presets } from "../options/preset.ts";
import type { Options } from "../options/table.ts";

/** What one URL of the proxy asks for. */
export interface ImageRequest {
  /** What to make of the image, presets expanded: what caches are keyed by. */
  options: Options;
  /** The options as the URL writes them, presets by their names: what a signature covers. */
  asked: Options;
  /** Absolute http(s) URL of the original, as the origin will be asked for it: printable ASCII, no fragment. */
  remoteUrl: string;
  /** The remote URL as the client wrote it, decoded where it was encoded: what a signature may cover. */
  remoteUrlAsSent: string;
}

export interface ParseRequestSettings extends ParseOptionsSettings {
  /** Absolute http(s) URL that relative remote URLs resolve against. */
  baseUrl?: string | undefined;
  presets?: Presets;
  /** The most characters a request target may have; 8192 unless told. */
  maxUrlLength?: number;
}

/**
 * Parses `/{options}/{remote_url}`, `/{remote_url}`, `//{remote_url}` or `/x/{remote_url}`.
 * The remote URL is plain, percent-encoded whole, or base64url; only a plain one takes the query string.
 * Throws a ProxyError "malformed", or "url_too_long", that says what is wrong.
 */
export function parseRequest(target: string, settings: ParseRequestSettings = {}): ImageRequest {
  const { maxUrlLength = 8192 } = settings;
  if (target.length > maxUrlLength) {
    throw new ProxyError("url_too_long", `The URL is longer than ${maxUrlLength} characters`);
  }
  const queryAt = target.indexOf("?");
  const path = (queryAt < 0 ? target : target.slice(0, queryAt)).slice(1);
  const query = queryAt < 0 ? "" : target.slice(queryAt);
  const whole = parseRemote(path, undefined);
  if (whole) return finish(whole, { asked: {}, options: {} }, query);

  const slash = path.indexOf("/");
  if (slash < 0) {
    throw new ProxyError(
      "malformed",
      `No remote URL in ${quote(target)}: write /{options}/{remote URL}`,
    );
  }
  const remoteText = path.slice(slash + 1);
  const optionsText = decodeOptions(path.slice(0, slash));
  const remote = parseRemote(remoteText, settings.baseUrl);
  if (!remote) throw notAbsolute(remoteText, target);
  const asked = parseOptions(optionsText, settings);
  const options = expandPreset(asked, settings.presets ?? new Map());
  return finish(remote, { asked, options }, query);
}

interface Remote {
  url: string;
  /** Whether it was percent-encoded or base64url, so that the query string is not part of it. */
  encoded: boolean;
}

/** The remote URL in a path, or undefined where the text is not an absolute http(s) URL (and no base is given). */
function parseRemote(text: string, baseUrl: string | undefined): Remote | undefined {
  let url = text;
  let encoded = false;
  const decoded = decodeBase64Url(text);
  if (decoded !== undefined && (/^https?:\/\//i.test(decoded) || baseUrl !== undefined)) {
    url = decoded;
    encoded = true;
  }
  if (/^https?%3A%2F/i.test(url)) {
    url = decodePercent(url);
    encoded = true;
  }
  const absolute = /^(https?):\/+(?=[^/])/i.exec(url);
  if (absolute) {
    const scheme = absolute[1]!.toLowerCase();
    return { url: `${scheme}://${url.slice(absolute[0].length)}`, encoded };
  }
  if (baseUrl === undefined || /^[a-z][a-z0-9+.-]*:/i.test(url)) return undefined;
  const resolved = URL.parse(encoded ? url : url.replaceAll("#", "%23"), baseUrl);
  if (!resolved) throw new ProxyError("malformed", `Cannot parse the remote URL ${quote(url)}`);
  return { url: resolved.href, encoded };
}

function finish(
  remote: Remote,
  options: Pick<ImageRequest, "asked" | "options">,
  query: string,
): ImageRequest {
  const url = remote.encoded
    ? remote.url.replace(/#.*$/s, "")
    : remote.url.replaceAll("#", "%23") + query.replaceAll("#", "%23");
  const remoteUrl = encodeUnsafe(url, remote.encoded ? DECODED_UNSAFE : RECEIVED_UNSAFE);
  checkAuthority(remoteUrl);
  return { ...options, remoteUrl, remoteUrlAsSent: url };
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

function notAbsolute(text: string, target: string): ProxyError {
  if (text === "") {
    return new ProxyError(
      "malformed",
      `No remote URL in ${quote(target)}: write /{options}/{remote URL}`,
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1];
  return scheme
    ? new ProxyError(
      "malformed",
      /^https?$/i.test(scheme)
        ? `The remote URL ${quote(text)} has no host`
        : `The remote URL must start with http:// or https://, not ${quote(`${scheme}:`)}`,
    )
    : new ProxyError(
      "malformed",
      `The remote URL ${quote(text)} must be absolute and start with http:// or https://`,
    );
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

function decodeOptions(text: string): string {
  return text.includes("%") ? decodePercent(text) : text;
}

function decodePercent(text: string): string {
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
  const [, start = "", rest = ""] = /^(https?:\/\/[^/?]*)(.*)$/s.exec(url) ?? [];
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
