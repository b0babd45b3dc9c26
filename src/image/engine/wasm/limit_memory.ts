// A maximum for the memory of a module that comes without one (WebAssembly core specification 5.5.8).
import { MEMORY_SECTION, PAGE, readUnsigned } from "./wasm_format.ts";

/** A copy of the module whose memory, in bytes, is never more than `most`, or than it starts with. Throws where it has not one memory without a maximum. */
export function limitMemory(
  wasm: Uint8Array<ArrayBuffer>,
  most: number,
): Uint8Array<ArrayBuffer> {
  let at = 8;
  while (at < wasm.length) {
    const size = readUnsigned(wasm, at + 1);
    const end = size.end + size.value;
    if (wasm[at] === MEMORY_SECTION && wasm[size.end] === 1 && wasm[size.end + 1] === 0) {
      const least = wasm.subarray(size.end + 2, end);
      const pages = Math.max(readUnsigned(wasm, size.end + 2).value, Math.floor(most / PAGE));
      const memory = [1, 1, ...least, ...unsigned(pages)];
      const section = [MEMORY_SECTION, ...unsigned(memory.length), ...memory];
      const limited = new Uint8Array(at + section.length + wasm.length - end);
      limited.set(wasm.subarray(0, at));
      limited.set(section, at);
      limited.set(wasm.subarray(end), at + section.length);
      return limited;
    }
    at = end;
  }
  throw new Error("The WebAssembly has no memory to which a maximum could be given");
}

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [value % 128 + 128, ...unsigned(Math.floor(value / 128))];
}
