// A user name and a password in a URL are whoever's who wrote it: they go into no message, log or report.

/** `:`, slashes either way, `@`, as they are or escaped so many times; and what may stand in a password. */
const COLON = "(?::|%(?:25)*3a)";
const SLASH = String.raw`(?:[\\/]|%(?:25)*(?:2f|5c))`;
const AT = "(?:@|%(?:25)*40)";
const WITHIN = String.raw`(?:(?!%(?:25)*(?:2f|5c|3f|23|22))[^\\/?#"]){0,2000}`;

/** A scheme and slashes, http(s) without them, slashes without a scheme, or what names a picture. */
const BEFORE = [
  String.raw`[a-z][a-z\d+.-]{0,20}${COLON}${SLASH}+`,
  `https?${COLON}`,
  String.raw`(?<![a-z\d])${SLASH}{2,}`,
  String.raw`^${SLASH}(?=[^\\/?#"]*:)`,
  "[?&](?:url|default)=",
];

const USERINFO = new RegExp(`(${BEFORE.join("|")})${WITHIN}(?=${AT})`, "gi");

/** What may begin a URL in base64url. */
const ENCODED = /(?<![\w-])(?:aHR0c|SFRUU|SHR0c|Ly9)[\w-]{8,}/g;

/** The text with `***` for the user name and password of every URL in it, and for such a URL in base64url. */
export function withoutUserinfo(text: string): string {
  // The common case costs one test.
  if (!/@|%(?:25)*40|aHR0c|SFRUU|SHR0c|Ly9/.test(text)) return text;
  return hidden(text).replace(ENCODED, (encoded) => {
    const url = decoded(encoded);
    return hidden(url) === url ? encoded : "***";
  });
}

function hidden(text: string): string {
  return text.replace(USERINFO, "$1***");
}

function decoded(base64url: string): string {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  // One character over makes no byte.
  return atob(base64.length % 4 === 1 ? base64.slice(0, -1) : base64);
}
