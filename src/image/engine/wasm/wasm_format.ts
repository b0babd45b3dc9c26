// What is read of a WebAssembly module before it is compiled (core specification, chapter 5).

/** Bytes of a page of memory. */
export const PAGE = 65_536;
/** The section that says how large a memory is (5.5.8). */
export const MEMORY_SECTION = 5;

/** An unsigned number in LEB128, and where it ends. */
export function readUnsigned(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let scale = 1;; scale *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at };
  }
}
