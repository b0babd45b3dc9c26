// The name of a picture within its source, from the path that a stranger has written. Whatever could lead
// out of the folder or the prefix is refused here, for every kind of source alike, before anything is asked.

import { ProxyError } from "../errors.ts";
import { decodeIfValid } from "../http/percent_encoding.ts";

/** S3's own limit, in bytes; none of the others takes more. */
const MAX_BYTES = 1024;
/** How often a path is decoded in search of dots: origins behind an alias may decode more than once. */
const MAX_DECODINGS = 5;

/**
 * The name that a path stands for, decoded once. Throws a malformed ProxyError for a path with a segment of
 * dots in any encoding, a control character, a broken escape, or nothing in it.
 */
export function objectName(path: string): string {
  const name = decode(path);
  if (name === undefined) throw unfit("holds a percent escape that stands for no character");
  let text = name;
  for (let decodings = 1;; decodings++) {
    if (text.split(/[/\\]/).some(isDots)) throw unfit("holds a segment of dots");
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    if (/[\x00-\x1f\x7f]/.test(text)) throw unfit("holds a control character");
    const further = text.replace(/(?:%[\da-f]{2})+/gi, decodeIfValid);
    if (further === text) break;
    if (decodings === MAX_DECODINGS) throw unfit("is encoded over and over");
    text = further;
  }
  if (name === "") throw unfit("names no picture");
  if (new TextEncoder().encode(name).length > MAX_BYTES) {
    throw unfit(`is longer than ${MAX_BYTES} bytes`);
  }
  return name;
}

/** Some servers cut a segment at its semicolon, or drop spaces at its end, before they look for dots. */
function isDots(segment: string): boolean {
  return /^\s*\.[.\s]*(?:;.*)?$/s.test(segment);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unfit(reason: string): ProxyError {
  return new ProxyError("malformed", `Cannot read the picture's path: it ${reason}`);
}
