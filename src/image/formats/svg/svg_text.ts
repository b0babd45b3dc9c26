// The bytes of an SVG as text, and where in it the root element's tag stands.

/** The encodings that browsers read a declaration for; all else is UTF-8. */
const DECLARED = /^<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w-]{1,40})["']/;

/** The text, in the encoding that its byte order mark or its declaration tells, else as UTF-8. */
export function svgText(bytes: Uint8Array): string {
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 300));
  const label = bytes[0] === 0xff && bytes[1] === 0xfe
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff
    ? "utf-16be"
    : DECLARED.exec(start)?.[1] ?? "utf-8";
  // What is declared in bytes that can be read as ASCII is not UTF-16.
  return decoderOf(/^utf-?16/i.test(label) && start.startsWith("<") ? "utf-8" : label).decode(
    bytes,
  );
}

function decoderOf(label: string): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

/** Where the root's tag begins and ends in a text that begins as `isSvg` tells; undefined where it does not end. */
export function findRoot(text: string): { start: number; end: number } | undefined {
  let at = 0;
  for (;;) {
    at = text.indexOf("<", at);
    if (at === -1) return undefined;
    if (text.startsWith("<?", at)) at = after(text, "?>", at);
    else if (text.startsWith("<!--", at)) at = after(text, "-->", at);
    else if (text.startsWith("<!", at)) at = afterDoctype(text, at);
    else break;
  }
  const end = tagEnd(text, at);
  return end === -1 ? undefined : { start: at, end };
}

/** Behind the `>` of a tag, which may hold others in the values of its attributes; -1 where there is none. */
export function tagEnd(text: string, start: number): number {
  let at = start;
  for (;;) {
    const close = text.indexOf(">", at);
    if (close === -1) return -1;
    const quote = firstQuote(text, at, close);
    if (quote === -1) return close + 1;
    const end = text.indexOf(text.charAt(quote), quote + 1);
    if (end === -1) return -1;
    at = end + 1;
  }
}

function firstQuote(text: string, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const character = text.charAt(at);
    if (character === '"' || character === "'") return at;
  }
  return -1;
}

export function after(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at);
  return found === -1 ? text.length : found + mark.length;
}

/** A doctype may hold an internal subset in brackets, with entities in it. */
export function afterDoctype(text: string, at: number): number {
  const bracket = text.indexOf("[", at), angle = text.indexOf(">", at);
  if (bracket === -1 || (angle !== -1 && angle < bracket)) return after(text, ">", at);
  return after(text, ">", after(text, "]", at));
}
