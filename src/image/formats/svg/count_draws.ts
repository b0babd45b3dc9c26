// How often the elements of a drawing are drawn: each as often as something shows it that others show in turn. A
// few lines of patterns in patterns, or of masks in masks, come to more than any machine can do.
import { unescaped } from "./escapes.ts";
import { attributesOf } from "./root_tag.ts";

/** What is drawn together: an element with an id, and what it holds as far as that has none of its own. */
interface Part {
  draws: number;
  /** The parts within. */
  parts: Part[];
  /** How often it shows what has an id, or what a class of its elements shows. */
  shows: Map<string | Part, number>;
  /** All of it together, once that is known; 0 while it is being counted: nothing is drawn within itself. */
  sum?: number;
}

export interface DrawCount {
  /** Takes the start tags one after another; `weight` is how many usual elements it takes as long as. */
  open(tag: string, options: { isEmpty: boolean; weight: number }): void;
  close(): void;
  /** How often elements are drawn in all; Infinity for more than can be counted. */
  total(): number;
}

/** Counts the draws of one drawing, whose style sheets are in `styles`. */
export function createDrawCount(styles: string): DrawCount {
  const byClass = shownByClasses(styles);
  const root = createPart();
  const open = [root];
  const byId = new Map<string, Part>();

  function sumOf(part: Part, depth = 0): number {
    if (part.sum !== undefined) return part.sum;
    // So long a chain is none of a picture's, and each link may double what the next shows.
    if (depth > DEEPEST) return Infinity;
    part.sum = 0;
    let sum = part.draws;
    for (const inner of part.parts) sum += sumOf(inner, depth + 1);
    for (const [what, times] of part.shows) {
      const shown = typeof what === "string" ? byId.get(what) : what;
      if (shown) sum += times * sumOf(shown, depth + 1);
    }
    return part.sum = sum;
  }

  return {
    open(tag, { isEmpty, weight }) {
      const attributes = attributesOf(tag);
      const id = attributes.get("id");
      let part = open.at(-1)!;
      if (id !== undefined) {
        part.parts.push(part = createPart());
        if (!byId.has(id)) byId.set(id, part);
      }
      part.draws += weight;
      for (const shown of shownBy(attributes, byClass)) show(shown, part);
      if (!isEmpty) open.push(part);
    },
    close() {
      if (open.length > 1) open.pop();
    },
    total: () => sumOf(root),
  };
}

const DEEPEST = 1000;

function createPart(): Part {
  return { draws: 0, parts: [], shows: new Map() };
}

function show(what: string | Part, { shows }: Part): void {
  shows.set(what, (shows.get(what) ?? 0) + 1);
}

const REFERENCE = /url\(\s*["']?#([^"')]+)/gi;

/** The ids that an element shows by its own attributes, and by the style sheets. */
function* shownBy(
  attributes: ReadonlyMap<string, string>,
  byClass: ReadonlyMap<string, Part>,
): Generator<string | Part> {
  for (const [name, written] of attributes) {
    const value = unescaped(written);
    if (/(?:^|:)href$/.test(name) && value.startsWith("#")) yield value.slice(1).trim();
    else yield* idsIn(value);
  }
  if (byClass.size === 0) return;
  const classes = unescaped(attributes.get("class") ?? "").split(/\s+/);
  for (const name of new Set(["", ...classes])) {
    const shown = byClass.get(name);
    if (shown) yield shown;
  }
}

function* idsIn(text: string): Generator<string> {
  for (const [, id] of text.matchAll(REFERENCE)) yield id!.trim();
}

/** What rules show, by the classes that they are for; of those for any element under the empty name. */
function shownByClasses(styles: string): ReadonlyMap<string, Part> {
  const byClass = new Map<string, Part>();
  for (const rule of styles.split("}")) {
    const [selectors = "", body = ""] = rule.split("{");
    const ids = [...idsIn(body)];
    if (ids.length === 0) continue;
    for (const selector of selectors.split(",")) {
      const [, ...classes] = selector.split(".");
      const [name = ""] = /^[^\s#:>+~[\]*]*/.exec(classes.at(-1) ?? "") ?? [];
      const part = byClass.get(name) ?? createPart();
      byClass.set(name, part);
      for (const id of ids) show(id, part);
    }
  }
  return byClass;
}
