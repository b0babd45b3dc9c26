// A drawing without its doctype, and with what its entities stand for in their places: what is counted is then,
// letter for letter, what is drawn, and the drawing library has nothing left to expand.
import { undecodable } from "../reading/image_header.ts";
import { afterDoctype, findDoctype } from "./svg_text.ts";

/** Characters, inclusive, of all that entities stand for. */
export const MAX_ENTITY_CHARACTERS = 1e6;

const ENTITY = /<!ENTITY\s+([^\s"'%]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g;
/** What XML itself has a name for (section 4.6): no doctype makes it mean something else. */
const PREDEFINED = ["lt", "gt", "amp", "quot", "apos"];

/** Throws `undecodable` where an entity holds another or markup, or all of them come to too much. */
export function withoutDoctype(text: string): string {
  const at = findDoctype(text);
  if (at === -1) return text;
  const end = afterDoctype(text, at);
  const entities = entitiesOf(text.slice(at, end));
  const rest = text.slice(0, at) + text.slice(end);
  if (entities.size === 0) return rest;
  let characters = 0;
  return rest.replaceAll(/&([^\s;&#]{1,100});/g, (reference, name: string) => {
    const value = entities.get(name);
    if (value === undefined) return reference;
    characters += value.length;
    if (characters > MAX_ENTITY_CHARACTERS) {
      throw undecodable(
        `The entities of the SVG stand for more than ${MAX_ENTITY_CHARACTERS} characters`,
      );
    }
    return value;
  });
}

/** What the entities of a doctype stand for, as text that ends no attribute. */
function entitiesOf(doctype: string): ReadonlyMap<string, string> {
  if (/<!ENTITY\s+%/.test(doctype)) throw undecodable("The SVG declares entities of its doctype");
  const entities = new Map<string, string>();
  for (const [, name, double, single] of doctype.matchAll(ENTITY)) {
    const value = double ?? single!;
    if (/[&<%]/.test(value)) throw undecodable("The SVG declares entities that hold others");
    // Of two declarations the first holds (XML section 4.2).
    if (entities.has(name!) || PREDEFINED.includes(name!)) continue;
    entities.set(name!, value.replaceAll('"', "&quot;").replaceAll("'", "&apos;"));
  }
  return entities;
}
