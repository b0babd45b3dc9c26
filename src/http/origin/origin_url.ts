// The address of an original, split so that the host which is checked is the host which is dialled, while
// path and query reach the origin byte for byte. `new URL()` alone resolves dot segments and turns `\` to `/`.

import { ProxyError } from "../../errors.ts";
import { normalizeHost } from "../host.ts";
import { percentEncoded } from "../percent_encoding.ts";

export interface OriginUrl {
  readonly protocol: "http:" | "https:";
  /** As `normalizeHost()` gives it; IPv6 in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Protocol, host and port, the last left out where it is the protocol's own. */
  readonly origin: string;
  /** Path and query as they were given; what is not ASCII is percent-encoded (RFC 9112 section 3). */
  readonly target: string;
}

const DEFAULT_PORT = { "http:": 80, "https:": 443 } as const;

/** What is wrong with a URL: that it cannot be understood, or that it asks for what is never done. */
type Fail = (reason: string, kind?: "not allowed") => never;

/** Parses an absolute http or https URL. Throws a malformed ProxyError; a fragment is dropped. */
export function parseOriginUrl(text: string): OriginUrl {
  return split(text, (reason) => {
    throw new ProxyError("malformed", `Cannot fetch the remote URL: it ${reason}`);
  });
}

/** What browsers encode in a Location, and some servers refuse in a request line. */
const LOCATION_UNSAFE = /[ "<>`{}]/gu;

/**
 * Follows the Location of a redirect (RFC 3986 section 5.2). Dot segments of the reference are resolved, and
 * blanks, quotes and brackets encoded, as browsers do; all else stays as the origin wrote it. Throws a forbidden ProxyError for another scheme or a
 * user name, bad_origin for what is no URL.
 * @param location the header's value, one character a byte
 */
export function resolveLocation(base: OriginUrl, location: string): OriginUrl {
  const fail: Fail = (reason, kind) => {
    const code = kind === "not allowed" ? "forbidden" : "bad_origin";
    throw new ProxyError(code, `The origin redirects to a URL that ${reason}`);
  };
  const reference = percentEncoded(decodeUtf8(location.trim()), LOCATION_UNSAFE);
  if (reference === "") fail("is empty");
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(reference);
  if (absolute) return withoutDots(split(reference, fail));
  if (reference.startsWith("//")) return withoutDots(split(base.protocol + reference, fail));
  const [basePath = "/"] = base.target.split("?");
  const target = reference.startsWith("/")
    ? reference
    : reference.startsWith("?")
    ? basePath + reference
    : reference.startsWith("#")
    ? base.target
    : basePath.slice(0, basePath.lastIndexOf("/") + 1) + reference;
  return withoutDots(split(base.origin + target, fail));
}

function split(text: string, fail: Fail): OriginUrl {
  // Control characters and spaces end a request line early; URL parsers drop some of them silently.
  if (/[\0-\x20\x7f]/.test(text)) fail("holds a space or a control character");
  if (!text.isWellFormed()) fail("is not valid Unicode");
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0].toLowerCase();
  if (scheme !== "http:" && scheme !== "https:") {
    return fail("does not start with http:// or https://", "not allowed");
  }
  const [, authority = "", rest = ""] = /^\/\/([^/?#]*)([^#]*)/.exec(text.slice(scheme.length)) ??
    [];
  if (authority === "") fail("names no host");
  if (authority.includes("@")) fail("holds a user name or password", "not allowed");
  if (authority.includes("\\")) fail("holds a backslash in its host");
  const url = URL.parse(`${scheme}//${authority}/`);
  const hostname = url && normalizeHost(url.hostname);
  if (!hostname) return fail("names no valid host");
  return {
    protocol: scheme,
    hostname,
    port: url.port === "" ? DEFAULT_PORT[scheme] : Number(url.port),
    origin: `${scheme}//${hostname}${url.port === "" ? "" : `:${url.port}`}`,
    target: encodeNonAscii(rest.startsWith("/") ? rest : `/${rest}`),
  };
}

function withoutDots(url: OriginUrl): OriginUrl {
  const end = (url.target + "?").indexOf("?");
  const kept: string[] = [];
  const segments = url.target.slice(1, end).split("/");
  segments.forEach((segment, index) => {
    if (segment !== "." && segment !== "..") return kept.push(segment);
    if (segment === "..") kept.pop();
    if (index === segments.length - 1) kept.push("");
  });
  return { ...url, target: `/${kept.join("/")}${url.target.slice(end)}` };
}

function encodeNonAscii(text: string): string {
  return text.replace(/[^\0-\x7f]+/g, encodeURIComponent);
}

/** Header values arrive one character a byte; most origins mean UTF-8 by bytes above 127. */
function decodeUtf8(bytes: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true })
      .decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));
  } catch {
    return bytes;
  }
}
