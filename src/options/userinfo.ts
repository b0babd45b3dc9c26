// A user name and a password in a URL are whoever's who wrote it: they go into no message, log or report.

/** `:` and slashes either way, as they are or escaped so many times. */
const COLON = "(?::|%(?:25)*3a)";
const SLASH = String.raw`(?:[\\/]|%(?:25)*(?:2f|5c))`;

/** A scheme and slashes, http(s) without them, slashes without a scheme, a name and a colon, or what names a picture. */
const BEFORE = new RegExp(
  [
    String.raw`[a-z][a-z\d+.-]{0,20}${COLON}${SLASH}+`,
    `https?${COLON}`,
    String.raw`(?<![a-z\d\\/])${SLASH}{2,}`,
    String.raw`^${SLASH}(?=[^\\/?#"]*:)`,
    `${SLASH}(?=[^\\\\/?#",=()@%:]{1,64}${COLON})`,
    `overlay[2-4]?${COLON}`,
    "(?:^|[?&])(?:url|default)=",
  ].join("|"),
  "gi",
);
/** What stands in no password. */
const BEHIND = /[\\/?#"]|%(?:25)*(?:2f|5c|3f|23|22)/gi;
const AT = /@|%(?:25)*40/gi;

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

/** The same of a text that is one URL, though of that the scheme, or what stands behind the password, may be missing. */
export function withoutOwnUserinfo(url: string): string {
  if (/^[\w-]+$/.test(url) && decoded(url).includes("@")) return "***";
  const shown = withoutUserinfo(`url=${url}`).slice("url=".length);
  // A port has digits, and an address of IPv6 brackets.
  return shown.replace(/(?<=:\/\/)[^/?#[\]]*:[^/?#\d[\]][^/?#]*/, "***");
}

/** Looks at each character a few times at most: what strangers send is masked before all else. */
function hidden(text: string): string {
  let shown = "", kept = 0;
  // Where the next may begin, and up to where there is none to end.
  let from = 0, clear = -1;
  for (let found = next(BEFORE, text, from); found; found = next(BEFORE, text, from)) {
    const start = found.index + found[0].length;
    from = found.index + 1;
    if (start <= clear) continue;
    const end = next(BEHIND, text, start)?.index ?? text.length;
    const last = [...text.slice(start, end).matchAll(AT)].at(-1);
    if (last) {
      shown += `${text.slice(kept, start)}***`;
      kept = from = start + last.index;
    } else clear = end;
  }
  return shown + text.slice(kept);
}

/** The first match from there on. */
function next(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

function decoded(base64url: string): string {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  // One character over makes no byte.
  return atob(base64.length % 4 === 1 ? base64.slice(0, -1) : base64);
}
