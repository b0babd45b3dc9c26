// The bytes of an SVG as text, and the tags in it.
import { undecodable } from "../reading/image_header.ts";

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
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    const next = afterMarkup(text, at);
    if (next !== undefined) {
      at = next;
      continue;
    }
    const end = tagEnd(text, at);
    return end === -1 ? undefined : { start: at, end };
  }
}

/** Where the doctype begins; -1 where there is none before the root. */
export function findDoctype(text: string): number {
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    if (text.startsWith("<!DOCTYPE", at)) return at;
    const next = afterMarkup(text, at);
    if (next === undefined) return -1;
    at = next;
  }
  return -1;
}

/** Behind the `>` of a tag, which may hold others in the values of its attributes; -1 where there is none. */
function tagEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === ">") return at + 1;
    if (character !== '"' && character !== "'") continue;
    at = text.indexOf(character, at + 1);
    if (at === -1) return -1;
  }
  return -1;
}

/** Behind what stands at this place where that is no tag: an instruction, a comment, a CDATA section or a doctype. */
export function afterMarkup(text: string, at: number): number | undefined {
  for (const [opening, closing] of ENCLOSED) {
    // `<!-->` opens a comment and does not close it.
    if (text.startsWith(opening, at)) return after(text, closing, at + opening.length);
  }
  return text.startsWith("<!", at) ? afterDoctype(text, at) : undefined;
}

const ENCLOSED = [["<?", "?>"], ["<!--", "-->"], ["<![CDATA[", "]]>"]] as const;

function after(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at);
  return found === -1 ? text.length : found + mark.length;
}

/** A doctype may hold an internal subset in brackets, in which texts and comments may hold whatever ends others. */
export function afterDoctype(text: string, start: number): number {
  let isInSubset = false;
  for (let at = start + 2; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === ">" && !isInSubset) return at + 1;
    else if (character === "[") isInSubset = true;
    else if (character === "]") isInSubset = false;
    else if (character === '"' || character === "'") at = after(text, character, at + 1) - 1;
    else if (text.startsWith("<!--", at)) at = after(text, "-->", at + 4) - 1;
    else if (text.startsWith("<?", at)) at = after(text, "?>", at + 2) - 1;
  }
  return text.length;
}

export interface StartTag {
  /** As written, from `<` to `>`. */
  tag: string;
  /** Of the element, without a prefix. */
  name: string;
  isEmpty: boolean;
}

/** All tags of a text without a doctype, undefined for an end tag. Throws `undecodable` where they are none of XML's. */
export function* tagsIn(text: string): Generator<StartTag | undefined> {
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    if (/^<!(?!--|\[CDATA\[)/.test(text.slice(at, at + 9))) {
      throw undecodable("The SVG declares something beside its doctype");
    }
    const next = afterMarkup(text, at);
    if (next !== undefined) at = next;
    else if (text.startsWith("</", at)) {
      yield undefined;
      at = after(text, ">", at);
    } else {
      const end = tagEnd(text, at);
      if (end === -1) throw undecodable("The SVG ends within an element");
      const tag = text.slice(at, end);
      const name = /^<(?:[^\s/>:]*:)?([^\s/>]*)/.exec(tag)![1]!;
      yield { tag, name, isEmpty: tag.endsWith("/>") };
      at = end;
    }
  }
}

/** The style sheets of a drawing, one behind the other. */
export function stylesIn(text: string): string {
  const styles: string[] = [];
  for (const { index } of text.matchAll(/<(?:[^\s<>:]{1,100}:)?style[\s>]/g)) {
    const end = text.indexOf("</", index);
    if (end === -1) break;
    styles.push(text.slice(tagEnd(text, index), end));
  }
  return styles.join("\n");
}

/** How many rules style sheets have. */
export function rulesIn(styles: string): number {
  return styles.split("{").length - 1;
}

/** How many letters stand between tags, style sheets left out, and blanks. */
export function lettersIn(text: string): number {
  const within = (part: string) => part.replaceAll(/<[^<>]*>|\s+/g, "").length;
  return Math.max(0, within(text) - within(stylesIn(text)));
}
