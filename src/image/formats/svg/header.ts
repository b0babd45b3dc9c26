// What tells an SVG from other text, and the size that its root element says.

import { type HeaderFacts, undecodable } from "../reading/image_header.ts";
import { naturalSize } from "./root_tag.ts";
import { afterMarkup, findRoot, svgText } from "./svg_text.ts";

/** How far into the file, in bytes, the root element may stand. */
export const MAX_PROLOG = 16_384;

/** Whether the bytes are XML whose root element is `svg`. */
export function isSvg(bytes: Uint8Array): boolean {
  const text = decodeStart(bytes);
  let at = 0;
  for (;;) {
    while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
    const next = afterMarkup(text, at);
    if (next === undefined) {
      return /^<(?:[A-Za-z_][\w.-]{0,31}:)?svg[\s/>]/.test(text.slice(at, at + 64));
    }
    at = next;
  }
}

/** An SVG's size in pixels, as browsers show it where nobody says another. Throws `undecodable` where it has none. */
export function readSvg({ bytes }: { bytes: Uint8Array }): HeaderFacts {
  // The root's tag begins within the prolog's limit.
  const text = svgText(bytes.subarray(0, 2 * MAX_PROLOG));
  const root = findRoot(text);
  if (!root) throw undecodable("The SVG ends before its root element does");
  const { width, height } = naturalSize(text.slice(root.start, root.end));
  return {
    width,
    height,
    frames: 1,
    animated: false,
    orientation: 1,
    hasAlpha: true,
    bitDepth: 8,
    colorModel: "rgb",
    hasProfile: false,
    totalPixels: width * height,
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
