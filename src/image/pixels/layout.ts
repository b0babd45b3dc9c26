// Where things lie in a kernel's memory: one after the other, with room for loops that overshoot.

const SLACK = 128;
/** The kernels' own constants lie below. */
const STATIC = 4096;

export interface Layout {
  /** The address of so many bytes. */
  take(bytes: number): number;
  /** The memory, grown to hold all that was taken. */
  view(): Uint8Array<ArrayBuffer>;
}

/** Lays a memory out anew, from its start. */
export function layOut(memory: WebAssembly.Memory): Layout {
  let end = STATIC;
  return {
    take(bytes) {
      const start = end;
      end = Math.ceil((end + bytes + SLACK) / 64) * 64;
      return start;
    },
    view() {
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / 65536));
      return new Uint8Array(memory.buffer as ArrayBuffer);
    },
  };
}
