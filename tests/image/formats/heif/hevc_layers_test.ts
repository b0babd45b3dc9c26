import assert from "node:assert/strict";
import {
  endParameterSet,
  layeredParameterSets,
} from "../../../../src/image/formats/heif/hevc_layers.ts";
import { createReader } from "../../../../src/image/formats/reading/byte_reader.ts";
import { u16Big } from "../../../testing/heif_boxes.ts";

/** The content of an hvcC box with these parameter sets. */
function configOf(...sets: string[]): Uint8Array {
  const units = sets.map((hex) => [...Uint8Array.fromHex(hex)]);
  return Uint8Array.from([
    ...Array(22).fill(0),
    units.length,
    ...units.flatMap((unit) => [0xa2, ...u16Big(1), ...u16Big(unit.length), ...unit]),
  ]);
}

function ended(hex: string): string {
  const config = configOf(hex);
  const reader = createReader(config, { name: "HEIF", maxSteps: 100 });
  for (const set of layeredParameterSets(reader, { start: 0, end: config.length })) {
    endParameterSet(config, set);
  }
  return config.subarray(-hex.length / 2).toHex();
}

// a picture parameter set, the same without extensions
const ROWS: readonly (readonly [string, string, string])[] = [
  ["of one layer", "4401c190958112", "4401c190958112"],
  ["with extensions for layers", "4401c19095811d02a0", "4401c19095811a0000"],
  ["with another quality and extensions for layers", "4401c5a55811500a", "4401c5a558112000"],
  ["with extensions for ranges", "4401c19095811e02a0", "4401c19095811e02a0"],
  ["that is cut short", "4401c190", "4401c190"],
  ["of a sequence", "420101016000000300", "420101016000000300"],
];

for (const [name, set, expected] of ROWS) {
  Deno.test(`a parameter set ${name} ends before what is said of layers`, () => {
    assert.equal(ended(set), expected);
  });
}

Deno.test("all parameter sets of a configuration are looked at", () => {
  const config = configOf("4401c190958112", "4401c19095811d02a0", "4401c5a55811500a");
  const reader = createReader(config, { name: "HEIF", maxSteps: 100 });
  assert.equal([...layeredParameterSets(reader, { start: 0, end: config.length })].length, 2);
});
