// Our own JPEG decoder, for the ordinary photo: the engine's is scalar code, and most of what a thumbnail
// costs. It decodes at 1/1, 1/2, 1/4 or 1/8 of the size, and says so where a file is not for it.
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { DECODE_KERNEL } from "./decode_kernel.ts";
import { LOOKUP_BYTES, writeLookup } from "./huffman_lookup.ts";
import { type JpegComponent, type JpegFile, readJpegFile } from "./jpeg_file.ts";
import { eighthsOf, ownEighths } from "./jpeg_size.ts";
import { layOut } from "../../pixels/layout.ts";
import { COLUMN_OFFSETS } from "./zigzag.ts";

export interface JpegDecoder {
  /**
   * The picture at no less than so many eighths of its size: RGB or grey, valid until the next call.
   * Undefined where the file is of another kind, or damaged: the engine knows what to make of it.
   */
  decode(bytes: Uint8Array, eighths: number): PixelBuffer | undefined;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** What decode_kernel.as.ts exports. */
// deno-fmt-ignore
interface Kernel {
  memory: WebAssembly.Memory;
  startScan(from: number): void;
  isSound(): number;
  restart(marker: number): void;
  readMcus(count: number, components: number, end: number, block: number, places: number): void;
  enlargeRow(to: number, near: number, far: number, sums: number, count: number): void;
  rgbRow(to: number, luma: number, blue: number, red: number, count: number): void;
}

/** The last coefficient, in the order of the file, that so many samples per side are made of. */
const LAST: Record<number, number> = { 1: 0, 2: 4, 4: 24, 8: 63 };

/** Samples of colour in a row up to which libjpeg-turbo repeats them, and so browsers, instead of blending. */
const REPEATED = 2;

/** A component as it is decoded. */
interface Plane {
  component: JpegComponent;
  /** Samples per block side. */
  side: number;
  stride: number;
  /** Rows of one row of MCUs; there is room for two. */
  rows: number;
  ring: number;
  /** Samples that the picture has. */
  width: number;
  height: number;
  dc: number;
  ac: number;
  quantities: number;
}

/** 32-bit numbers of a component in the kernel's memory, and which of them change. */
const FIELDS = 10, TO = 0, PREVIOUS = 6;

/** A decoder with a kernel and memory of its own, which grows with the pictures. */
export function createJpegDecoder(): JpegDecoder {
  const bytes = Uint8Array.from(atob(DECODE_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;

  function decode(bytes: Uint8Array, eighths: number): PixelBuffer | undefined {
    const file = readJpegFile(bytes);
    return file && decodeFile(kernel, { bytes, file, side: ownEighths(eighths) });
  }

  return { decode, memoryUsed: () => kernel.memory.buffer.byteLength };
}

function decodeFile(
  kernel: Kernel,
  { bytes, file, side }: { bytes: Uint8Array; file: JpegFile; side: number },
): PixelBuffer | undefined {
  const { restartInterval, components: [luma] } = file;
  const { width, height } = eighthsOf(file, side);
  const channels = file.components.length === 1 ? 1 : 3;
  const mcusAcross = Math.ceil(file.width / 8 / luma!.across);
  const mcusDown = Math.ceil(file.height / 8 / luma!.down);

  const memory = layOut(kernel.memory);
  const scan = memory.take(bytes.length - file.scanAt + 16);
  const places = memory.take(64);
  const block = memory.take(128);
  const out = memory.take(width * height * channels);
  const lines = [memory.take(width), memory.take(width)] as const;
  const sums = memory.take((width + 32) * 2);
  const planes = file.components.map((component): Plane => {
    const rows = component.down * sideOf(component);
    const stride = mcusAcross * component.across * sideOf(component);
    return {
      component,
      rows,
      stride,
      side: sideOf(component),
      ring: memory.take(stride * rows * 2),
      width: Math.min(
        stride,
        Math.ceil(width * component.across * sideOf(component) / (luma!.across * side)),
      ),
      height: Math.ceil(height * component.down * sideOf(component) / (luma!.down * side)),
      dc: memory.take(LOOKUP_BYTES),
      ac: memory.take(LOOKUP_BYTES),
      quantities: memory.take(128),
    };
  });
  const components = memory.take(planes.length * FIELDS * 4);
  const heap = memory.view();

  // Colour at half the size needs no enlarging where its blocks can be decoded at twice the luma's.
  function sideOf({ across, down }: JpegComponent): number {
    const halves = luma!.across === across * 2 && luma!.down === down * 2;
    return halves && side < 8 ? side * 2 : side;
  }

  heap.set(bytes.subarray(file.scanAt), scan);
  const end = scan + bytes.length - file.scanAt;
  heap.fill(0, end, end + 16);
  // Whatever the file ends with, the reader meets a marker.
  heap.set([0xff, 0xd9], end);
  heap.set(COLUMN_OFFSETS, places);
  const fields = new Int32Array(heap.buffer, components, planes.length * FIELDS);
  for (const [index, plane] of planes.entries()) {
    const { component, stride, side, dc, ac, quantities } = plane;
    writeLookup(heap.buffer, { codes: component.dc, at: dc, isDc: true });
    writeLookup(heap.buffer, { codes: component.ac, at: ac, isDc: false });
    new Uint16Array(heap.buffer, quantities, 64).set(component.quantities);
    const { across, down } = component;
    fields.set([0, stride, across, down, side, LAST[side]!, 0, dc, ac, quantities], index * FIELDS);
  }

  const colour = planes[1];
  const isEnlarged = colour !== undefined &&
    colour.component.across * colour.side < luma!.across * side;
  const isDoubled = colour !== undefined &&
    colour.component.down * colour.side < luma!.down * side;
  let rowsDone = 0;
  let mcusUntilRestart = restartInterval || Infinity;
  let restarts = 0;
  kernel.startScan(scan);
  for (let row = 0; row < mcusDown; row++) {
    for (const [index, { ring, rows, stride }] of planes.entries()) {
      fields[index * FIELDS + TO] = ring + (row & 1) * rows * stride;
    }
    for (let column = 0; column < mcusAcross;) {
      if (mcusUntilRestart === 0) {
        kernel.restart(0xd0 + restarts++ % 8);
        for (const index of planes.keys()) fields[index * FIELDS + PREVIOUS] = 0;
        mcusUntilRestart = restartInterval;
      }
      const count = Math.min(mcusAcross - column, mcusUntilRestart);
      kernel.readMcus(count, components, components + fields.byteLength, block, places);
      column += count;
      mcusUntilRestart -= count;
    }
    if (!kernel.isSound()) return undefined;
    // The last row of enlarged colour waits for the one below it.
    const available = row + 1 === mcusDown
      ? height
      : (row + 1) * planes[0]!.rows - (isEnlarged ? 1 : 0);
    for (; rowsDone < Math.min(height, available); rowsDone++) finishRow(rowsDone);
  }
  return {
    data: heap.subarray(out, out + width * height * channels),
    width,
    height,
    channels,
    hasAlpha: false,
  };

  function finishRow(y: number): void {
    const [luma, ...colours] = planes;
    const from = rowAt(luma!, y);
    if (channels === 1) {
      heap.copyWithin(out + y * width, from, from + width);
      return;
    }
    const [blue, red] = colours.map((plane, index) => {
      if (!isEnlarged) return rowAt(plane, y);
      const near = isDoubled ? y >> 1 : y;
      const far = isDoubled ? Math.min(plane.height - 1, Math.max(0, near + (y & 1 ? 1 : -1))) : y;
      const line = lines[index]!;
      if (plane.width > REPEATED) {
        kernel.enlargeRow(line, rowAt(plane, near), rowAt(plane, far), sums, plane.width);
      } else {
        for (let x = 0; x < width; x++) heap[line + x] = heap[rowAt(plane, near) + (x >> 1)]!;
      }
      return line;
    });
    kernel.rgbRow(out + y * width * 3, from, blue!, red!, width);
  }

  function rowAt({ ring, rows, stride }: Plane, y: number): number {
    return ring + y % (rows * 2) * stride;
  }
}
