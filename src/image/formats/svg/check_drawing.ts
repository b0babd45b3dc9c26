// What a drawing may cost, told from its text before the drawing library sees any of it: what it would
// multiply (pictures within pictures), nest, or compute for each pixel. The text is one without a doctype.
import type { Outside } from "../coding/codec.ts";
import { undecodable } from "../reading/image_header.ts";
import { createDrawCount } from "./count_draws.ts";
import { unescaped } from "./escapes.ts";
import { attributesOf } from "./root_tag.ts";
import { lettersIn, rulesIn, stylesIn, tagsIn } from "./svg_text.ts";

/** What no drawing that is made for people comes near; each is inclusive. */
export const DRAWING_LIMITS = {
  characters: 16e6,
  elements: 200_000,
  nesting: 200,
  /** Elements that refer to others, which are drawn once more for each. */
  uses: 20_000,
  /** Elements as often as they are drawn, by whatever shows them. */
  draws: 1e6,
  /** Elements times the rules of style sheets, each of which is held against each. */
  matches: 1e8,
  /** Letters of text, without blanks. */
  letters: 200_000,
  /** Steps of filters. */
  filterSteps: 500,
  octaves: 16,
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
  const styles = stylesIn(text);
  const draws = createDrawCount(styles);
  let depth = 0, hasText = false;
  for (const start of tagsIn(text)) {
    if (!start) {
      depth--;
      draws.close();
      continue;
    }
    const { tag, name, isEmpty } = start;
    count("elements", 1, "elements");
    draws.open(tag, { isEmpty, weight: isFilterStep(name) ? FILTER_STEP : 1 });
    if (!isEmpty && ++depth > limits.nesting) {
      throw undecodable(`The SVG nests elements deeper than ${limits.nesting}`);
    }
    hasText ||= name === "text";
    if (name === "use" || name === "tref") count("uses", 1, "references to other elements");
    if (isFilterStep(name)) count("filterSteps", 1, "steps of filters");
    if (name === "feTurbulence") checkOctaves(tag);
    if (name === "image" || name === "feImage") {
      count("picturePixels", pixelsWithin(tag, readHeader), "pixels in pictures of its own");
    }
  }
  if (draws.total() > limits.draws) {
    throw undecodable(`The SVG draws its elements more than ${limits.draws} times`);
  }
  if (counts.elements * rulesIn(styles) > limits.matches) {
    throw undecodable(`The SVG has too many style rules for its ${counts.elements} elements`);
  }
  if (hasText && lettersIn(text) > limits.letters) {
    throw undecodable(`The SVG has more than ${limits.letters} letters`);
  }
}

/** How many elements a step of a filter takes as long as, at the least. */
const FILTER_STEP = 20;

/** Whether an element is a step of a filter, by its name. */
export function isFilterStep(name: string): boolean {
  return /^fe[A-Z]/.test(name);
}

function checkOctaves(tag: string): void {
  const octaves = Number(attributesOf(tag).get("numOctaves") ?? 1);
  if (octaves <= DRAWING_LIMITS.octaves) return;
  throw undecodable(`The SVG has noise of more than ${DRAWING_LIMITS.octaves} octaves`);
}

/** Pixels of the picture that an element shows; of one that lies elsewhere none, as it is not drawn. */
function pixelsWithin(tag: string, readHeader: Outside["readHeader"]): number {
  let pixels = 0;
  for (const [name, value] of attributesOf(tag)) {
    if (!/(?:^|:)href$/.test(name)) continue;
    const bytes = dataOf(unescaped(value));
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
function dataOf(text: string): Uint8Array | undefined {
  // What URLs are read without, wherever it stands (https://url.spec.whatwg.org/#url-parsing).
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  const url = text.replaceAll(/^[\x00-\x20]+|[\t\n\r]+/g, "");
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
