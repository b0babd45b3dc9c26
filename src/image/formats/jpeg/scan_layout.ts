// Where a file that scan_decoder.ts reads, and all that comes of it, lies in the kernel's memory.
import { layOut } from "../../pixels/layout.ts";
import type { HuffmanCodes } from "./jpeg_tables.ts";
import { eighthsOf } from "./jpeg_size.ts";
import type { Frame, FrameComponent, Scan } from "./scan_file.ts";

/** A component as it is decoded. */
export interface Plane {
  component: FrameComponent;
  /** Blocks, and those of them that the picture has. */
  blocksAcross: number;
  ownAcross: number;
  ownDown: number;
  /** Where its coefficients lie: all, or those of a row of MCUs. */
  coefficients: number;
  coefficientBytes: number;
  dc: number;
  ac: number;
  quantities: number;
  /** Where its samples lie, and those that the picture has. */
  samples: number;
  stride: number;
  width: number;
  height: number;
  /** The lowest bits that scans have brought of each coefficient, in the order of the file; -1 for nothing. */
  known: Int8Array;
  /** The same before the last scan of the component. */
  knownBefore: Int8Array;
}

/** A file laid out in the kernel's memory. */
export interface Layout {
  frame: Frame;
  side: number;
  width: number;
  height: number;
  /** Whether there is one scan, so that no coefficients need be kept. */
  isSingle: boolean;
  heap: Uint8Array<ArrayBuffer>;
  planes: readonly Plane[];
  data: number;
  dataEnd: number;
  components: number;
  work: number;
  lines: readonly number[];
  out: number;
}

/** Bytes of a component in the kernel's memory, and of a block. */
export const COMPONENT = 28, BLOCK = 128;

/** Bytes of a table of Huffman codes, and the bits that its first part is told by. */
const CODE_TABLE_BYTES = 1168 + 256, PEEK = 9;
const LONGEST_CODE = 16;

/** Lines of three bytes for each pixel to finish rows in: one for each component, and one for what lies between. */
export const LINES = 5;

/** Takes room for a file and copies it there; what was in the memory is gone. */
export function layOutFile(
  kernelMemory: WebAssembly.Memory,
  { bytes, frame, first, side }: { bytes: Uint8Array; frame: Frame; first: Scan; side: number },
): Layout {
  const { width, height } = eighthsOf(frame, side);
  const mcusAcross = Math.ceil(frame.width / (8 * frame.across));
  const mcusDown = Math.ceil(frame.height / (8 * frame.down));
  const isSingle = !frame.isProgressive && first.components.length === frame.components.length;

  const memory = layOut(kernelMemory);
  const data = memory.take(bytes.length - first.dataAt);
  const components = memory.take(frame.components.length * COMPONENT);
  const work = memory.take(BLOCK);
  const lines = Array.from({ length: LINES }, () => memory.take(width * 3));
  const channels = frame.components.length;
  const out = memory.take(width * height * channels);
  const planes = frame.components.map((component): Plane => {
    const { across, down } = component;
    const blocksAcross = mcusAcross * across;
    const coefficientBytes = blocksAcross * (isSingle ? 1 : mcusDown) * down * BLOCK;
    const stride = blocksAcross * side;
    return {
      component,
      blocksAcross,
      ownAcross: Math.ceil(frame.width * across / frame.across / 8),
      ownDown: Math.ceil(frame.height * down / frame.down / 8),
      coefficients: memory.take(coefficientBytes),
      coefficientBytes,
      dc: memory.take(CODE_TABLE_BYTES),
      ac: memory.take(CODE_TABLE_BYTES),
      quantities: memory.take(BLOCK),
      samples: memory.take(stride * mcusDown * down * side),
      stride,
      width: Math.ceil(width * across / frame.across),
      height: Math.ceil(height * down / frame.down),
      known: new Int8Array(64).fill(-1),
      knownBefore: new Int8Array(64).fill(-1),
    };
  });
  const heap = memory.view();
  heap.set(bytes.subarray(first.dataAt), data);
  for (const { coefficients, coefficientBytes, quantities } of planes) {
    heap.fill(0, coefficients, coefficients + coefficientBytes);
    heap.fill(0, quantities, quantities + BLOCK);
  }
  const dataEnd = data + bytes.length - first.dataAt;
  // deno-fmt-ignore
  return { frame, side, width, height, isSingle, heap, planes, data, dataEnd, components, work, lines, out };
}

/** Writes Huffman codes to `at`, as scan_kernel.as.ts reads them: it names the parts. */
export function writeCodeTable(memory: ArrayBuffer, codes: HuffmanCodes, at: number): void {
  const starts = new Uint16Array(memory, at, 1 << PEEK).fill(0);
  const lastCodes = new Int32Array(memory, at + 1024, LONGEST_CODE + 2).fill(-1);
  const offsets = new Int32Array(memory, at + 1096, LONGEST_CODE + 2).fill(0);
  new Uint8Array(memory, at + 1168, 256).fill(0).set(codes.symbols);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const count = codes.counts[length - 1]!;
    offsets[length] = place - code;
    if (count > 0) lastCodes[length] = code + count - 1;
    for (let nth = 0; nth < count && length <= PEEK; nth++) {
      const first = (code + nth) << (PEEK - length);
      starts.fill(codes.symbols[place + nth]! << 8 | length, first, first + (1 << (PEEK - length)));
    }
    code = (code + count) << 1;
    place += count;
  }
  lastCodes[LONGEST_CODE + 1] = 2 ** 31 - 1;
}
