// SVG is recognised so that it can be passed through. It is never decoded, so nothing in it is
// parsed beyond what tells it from other text.

import type { HeaderFacts } from "../reading/image_header.ts";

/** How far into the file, in bytes, the root element may stand. */
export const MAX_PROLOG = 16_384;

/** Whether the bytes are XML whose root element is `svg`. */
export function isSvg(bytes: Uint8Array): boolean {
  const text = decodeStart(bytes);
  let at = 0;
  for (;;) {
    while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
    if (text.startsWith("<?", at)) at = after("?>");
    else if (text.startsWith("<!--", at)) at = after("-->");
    else if (text.startsWith("<!DOCTYPE", at)) at = afterDoctype();
    else return /^<(?:[A-Za-z_][\w.-]{0,31}:)?svg[\s/>]/.test(text.slice(at, at + 64));
  }

  function after(mark: string): number {
    const found = text.indexOf(mark, at);
    return found === -1 ? text.length : found + mark.length;
  }
  /** A doctype may hold an internal subset in brackets, with entities in it. */
  function afterDoctype(): number {
    const bracket = text.indexOf("[", at), angle = text.indexOf(">", at);
    if (bracket === -1 || (angle !== -1 && angle < bracket)) return after(">");
    at = after("]");
    return after(">");
  }
}

/** What is known of an SVG: only that it is one. Its size is 0, as nobody asks for it. */
export function readSvg(): HeaderFacts {
  return {
    width: 0,
    height: 0,
    frames: 1,
    animated: false,
    orientation: 1,
    hasAlpha: true,
    bitDepth: 8,
    colorModel: "rgb",
    hasProfile: false,
    totalPixels: 0,
  };
}

/** The start of the text, in the encoding that its byte order mark tells, else as Latin-1. */
function decodeStart(bytes: Uint8Array): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) ? 2 : bytes[0] === 0xfe ? 3 : 0;
  let start = utf16;
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) start = 3;
  const step = utf16 === 0 ? 1 : 2, end = Math.min(bytes.length, MAX_PROLOG);
  let text = "";
  for (let at = start; at < end; at += step) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
