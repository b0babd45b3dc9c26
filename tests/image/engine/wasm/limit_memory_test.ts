import assert from "node:assert/strict";
import { readDrawing } from "../../../../src/image/engine/wasm/drawing_wasm.ts";
import { limitMemory } from "../../../../src/image/engine/wasm/limit_memory.ts";

const PAGE = 65_536;
/** A module of one page of memory, exported as `m`. */
const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[5, 3, 1, 0, 1],
  ...[7, 5, 1, 1, 0x6d, 2, 0],
]);

function memoryOf(wasm: Uint8Array<ArrayBuffer>): WebAssembly.Memory {
  return new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports.m as WebAssembly.Memory;
}

Deno.test("limitMemory() gives a memory a maximum, beyond which it does not grow", () => {
  memoryOf(MODULE).grow(999);
  for (const pages of [1, 127, 128, 20_000]) {
    const memory = memoryOf(limitMemory(MODULE, pages * PAGE));
    memory.grow(pages - 1);
    assert.throws(() => memory.grow(1), RangeError, `${pages} pages`);
  }
});

Deno.test("limitMemory() suits what draws, and refuses what has no memory to limit", async () => {
  const wasm = new Uint8Array(await readDrawing());
  assert.ok(WebAssembly.validate(limitMemory(wasm, 512 << 20)));
  // It starts with more.
  assert.ok(WebAssembly.validate(limitMemory(wasm, PAGE)));
  assert.throws(() => limitMemory(MODULE.slice(0, 8), PAGE), /no memory/);
  assert.throws(() => limitMemory(limitMemory(MODULE, PAGE), PAGE), /no memory/);
});
