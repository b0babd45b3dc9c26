// What a drawing may cost, told from its text before the drawing library sees any of it: what it would
// multiply (entities, pictures within pictures), nest, or compute for each pixel.
import type { Outside } from "../coding/codec.ts";
import { undecodable } from "../reading/image_header.ts";
import { attributesOf } from "./root_tag.ts";
import { after, afterDoctype, tagEnd } from "./svg_text.ts";

/** What no drawing that is made for people comes near; each is inclusive. */
export const DRAWING_LIMITS = {
  characters: 16e6,
  elements: 200_000,
  nesting: 200,
  /** Elements that refer to others, which are drawn once more for each. */
  uses: 20_000,
  /** Steps of filters. */
  filterSteps: 500,
  octaves: 16,
  /** Characters of all that entities stand for. */
  entityCharacters: 1e6,
  /** Pixels of all pictures within. */
  picturePixels: 16e6,
};

/** The formats of pictures that may stand in a drawing. */
const EMBEDDED = ["png", "jpeg", "gif"];

/** Throws `undecodable`, saying why, unless the drawing of this text is within the limits. */
export function checkDrawing(text: string, readHeader: Outside["readHeader"]): void {
  const limits = DRAWING_LIMITS;
  const counts = { elements: 0, uses: 0, filterSteps: 0, picturePixels: 0 };
  const count = (what: keyof typeof counts, by: number, words: string) => {
    if ((counts[what] += by) > limits[what]) {
      throw undecodable(`The SVG has more than ${limits[what]} ${words}`);
    }
  };
  if (text.length > limits.characters) {
    throw undecodable(`The SVG has more than ${limits.characters} characters`);
  }
  const entities = entitiesOf(text);
  let depth = 0;
  for (let at = text.indexOf("<"); at !== -1; at = text.indexOf("<", at)) {
    if (text.startsWith("<!--", at)) at = after(text, "-->", at);
    else if (text.startsWith("<![CDATA[", at)) at = after(text, "]]>", at);
    else if (text.startsWith("<!", at)) at = afterDoctype(text, at);
    else if (text.startsWith("<?", at)) at = after(text, "?>", at);
    else if (text.startsWith("</", at)) {
      depth--;
      at = after(text, ">", at);
    } else {
      const end = tagEnd(text, at);
      if (end === -1) throw undecodable("The SVG ends within an element");
      const tag = text.slice(at, end);
      const name = /^<(?:[^\s/>:]*:)?([^\s/>]*)/.exec(tag)![1]!;
      count("elements", 1, "elements");
      if (!tag.endsWith("/>") && ++depth > limits.nesting) {
        throw undecodable(`The SVG nests elements deeper than ${limits.nesting}`);
      }
      if (name === "use" || name === "tref") count("uses", 1, "references to other elements");
      if (/^fe[A-Z]/.test(name)) count("filterSteps", 1, "steps of filters");
      if (name === "feTurbulence") checkOctaves(tag);
      if (name === "image" || name === "feImage") {
        count(
          "picturePixels",
          pixelsWithin(tag, { entities, readHeader }),
          "pixels in pictures of its own",
        );
      }
      at = end;
    }
  }
}

function checkOctaves(tag: string): void {
  const octaves = Number(attributesOf(tag).get("numOctaves") ?? 1);
  if (octaves <= DRAWING_LIMITS.octaves) return;
  throw undecodable(`The SVG has noise of more than ${DRAWING_LIMITS.octaves} octaves`);
}

/** Pixels of the picture that an element shows; of one that lies elsewhere none, as it is not drawn. */
function pixelsWithin(
  tag: string,
  { entities, readHeader }: Pick<Outside, "readHeader"> & { entities: ReadonlyMap<string, string> },
): number {
  let pixels = 0;
  for (const [name, value] of attributesOf(tag)) {
    if (!/(?:^|:)href$/.test(name)) continue;
    const bytes = dataOf(unescaped(value, entities).trim());
    if (!bytes) continue;
    const header = readHeader(bytes);
    if (!header || !EMBEDDED.includes(header.format)) {
      throw undecodable("The SVG holds a picture that is no PNG, JPEG or GIF");
    }
    pixels += header.totalPixels;
  }
  return pixels;
}

/** The bytes of a data URL (RFC 2397); undefined for another URL. */
function dataOf(url: string): Uint8Array | undefined {
  const [, base64, data = ""] = /^data:[^,]{0,200}?(;\s*base64)?\s*,([^]*)$/i.exec(url) ?? [];
  if (!/^data:/i.test(url)) return undefined;
  try {
    const plain = decodeURIComponent(data);
    return base64
      ? Uint8Array.fromBase64(plain.replaceAll(/\s+/g, ""))
      : new TextEncoder().encode(plain);
  } catch {
    throw undecodable("The SVG holds a picture that cannot be read");
  }
}

/** The entities that the doctype declares. Throws where one holds another, or all come to too much. */
function entitiesOf(text: string): ReadonlyMap<string, string> {
  const at = text.indexOf("<!DOCTYPE");
  if (at === -1) return new Map();
  const doctype = text.slice(at, afterDoctype(text, at));
  if (/<!ENTITY\s+%/.test(doctype)) throw undecodable("The SVG declares entities of its doctype");
  const entities = new Map<string, string>();
  for (const [, name, double, single] of doctype.matchAll(ENTITY)) {
    const value = double ?? single!;
    if (/[&<%]/.test(value)) throw undecodable("The SVG declares entities that hold others");
    entities.set(name!, value);
  }
  if (entities.size === 0) return entities;
  let characters = 0;
  for (const [, name] of text.matchAll(/&([^\s;&#]{1,100});/g)) {
    characters += entities.get(name!)?.length ?? 0;
    if (characters > DRAWING_LIMITS.entityCharacters) {
      throw undecodable(
        `The entities of the SVG stand for more than ${DRAWING_LIMITS.entityCharacters} characters`,
      );
    }
  }
  return entities;
}

const ENTITY = /<!ENTITY\s+([^\s"'%]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g;

const NAMED: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

function unescaped(value: string, entities: ReadonlyMap<string, string>): string {
  return value.replaceAll(/&(#x?)?([^;&]{1,100});/g, (whole, number?: string, name = "") => {
    if (number === undefined) return NAMED[name] ?? entities.get(name) ?? whole;
    const code = parseInt(name, number === "#" ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
