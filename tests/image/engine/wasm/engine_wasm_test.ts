import assert from "node:assert/strict";
import {
  capMemory,
  compileEngine,
  readEngine,
} from "../../../../src/image/engine/wasm/engine_wasm.ts";

const PAGE = 65_536;

/** A module with one memory, exported as `m`, of these bytes of limits (core specification 5.3.10). */
function moduleWith(...limits: number[]): Uint8Array<ArrayBuffer> {
  const memory = [1, ...limits];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[5, memory.length, ...memory],
    ...[7, 5, 1, 1, 0x6d, 2, 0],
  );
}

function pagesOf(wasm: Uint8Array<ArrayBuffer>): number {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  const memory = exports.m as WebAssembly.Memory;
  for (;;) {
    try {
      memory.grow(1);
    } catch {
      return memory.buffer.byteLength / PAGE;
    }
  }
}

Deno.test("capMemory() lowers what a module's memory can grow to, and changes no length", () => {
  for (
    const [limits, bytes, pages] of [
      [[1, 2, 0x80, 0x01], 100 * PAGE, 100],
      [[1, 2, 0x80, 0x01], 5 * PAGE + 1, 5],
      // One byte for the number, and three.
      [[1, 2, 9], 7 * PAGE, 7],
      [[1, 2, 0x80, 0x80, 0x01], 300 * PAGE, 300],
      // Not below what it starts with, nor above what it had.
      [[1, 2, 0x80, 0x01], 0, 2],
      [[1, 2, 9], 1e9, 9],
    ] as const
  ) {
    const wasm = moduleWith(...limits);
    const { length } = wasm;
    capMemory(wasm, bytes);
    assert.equal(wasm.length, length);
    assert.equal(pagesOf(wasm), pages, `${limits} at ${bytes}`);
  }
});

Deno.test("capMemory() refuses a module whose memory it cannot bound", () => {
  for (const wasm of [moduleWith(0, 2), moduleWith(3, 2, 9), new Uint8Array(8)]) {
    assert.throws(() => capMemory(wasm, 1e6), /no memory whose maximum could be lowered/);
  }
});

Deno.test("the engine's own memory is bounded, and its bytes are let go", async () => {
  const wasm = await readEngine();
  const module = await compileEngine(wasm, 50 * PAGE);
  assert.ok(module instanceof WebAssembly.Module);
  assert.equal(wasm.length, 0);
});
