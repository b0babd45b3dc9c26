// A HEIF file may hold any number of pictures beside the one that it is of, and the engine decodes some of
// them on its way. Those that are hidden it passes by.
import { createReader } from "../reading/byte_reader.ts";
import { readParts, topLevelItems } from "./header.ts";

/** Boxes, items, properties and references that any file may have together. */
export const MAX_STEPS = 50_000;

/** The file with its other pictures hidden; itself where there are none. Throws "undecodable" as its header does. */
export function primaryAlone(bytes: Uint8Array): Uint8Array {
  const { meta } = readParts(createReader(bytes, { name: "HEIF", maxSteps: MAX_STEPS }));
  const others = meta ? topLevelItems(meta).filter(({ id }) => id !== meta.primaryId) : [];
  if (others.length === 0) return bytes;
  const file = bytes.slice();
  for (const { hidesAt } of others) file[hidesAt]! |= 1;
  return file;
}
