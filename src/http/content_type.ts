// Which content types may be served: patterns such as image/* against one media type.

/**
 * A test for media types by patterns as Go's `path.Match` reads them: `*` stands for anything but a slash, `?`
 * for one such character, `[a-z]` and `[^a-z]` for one of a class, and a backslash takes the next character
 * as it is. No patterns allow all. Throws a RangeError that quotes a pattern without its end.
 */
export function createTypeMatcher(patterns: readonly string[]): (mediaType: string) => boolean {
  const tests = patterns.map((pattern) => new RegExp(`^${expressionOf(pattern)}$`, "i"));
  return (mediaType) => tests.length === 0 || tests.some((test) => test.test(mediaType));
}

/** One item of a pattern: a class, an escaped character, or a character. */
const ITEM = /\[((?:\\.|[^\]\\])*)\]|\\(.)|([^[\\])/gs;

function expressionOf(pattern: string): string {
  let end = 0;
  const parts = [...pattern.matchAll(ITEM)].map((found) => {
    const [item, members, escaped, plain] = found;
    if (found.index !== end) throw unreadable(pattern);
    end += item.length;
    if (members !== undefined) return classOf(members, pattern);
    if (plain === "*") return "[^/]*";
    if (plain === "?") return "[^/]";
    return escapeRegExp(escaped ?? plain ?? "");
  });
  if (end !== pattern.length) throw unreadable(pattern);
  return parts.join("");
}

/** A class, as a regular expression has it. */
function classOf(text: string, pattern: string): string {
  const members = text.replace(/^\^/, "");
  const ranges = [...members.matchAll(/(\\?)(.)(?:-(\\?)(.))?/gs)];
  if (ranges.length === 0 || ranges.some(([, escape, first]) => !escape && first === "-")) {
    throw unreadable(pattern);
  }
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const listed = ranges.filter(([, , first, , last = first]) => first! <= last!)
    .map(([, , first, , last = first]) => `${code(first!)}-${code(last!)}`);
  return `[${members === text ? "" : "^"}${listed.join("")}]`;
}

function unreadable(pattern: string): RangeError {
  return new RangeError(
    `Cannot parse content type ${JSON.stringify(pattern)}: write image/png or image/*`,
  );
}

/** The media type in a Content-Type header, lower-case and without parameters; empty for none. */
export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1).join("").trim().toLowerCase();
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
