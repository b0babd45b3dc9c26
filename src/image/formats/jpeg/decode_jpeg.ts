// Our own JPEG decoder, for the ordinary photo: the engine's is scalar code, and most of what a thumbnail
// costs. It decodes at 1/1, 1/2, 1/4 or 1/8 of the size, and says so where a file is not for it.
import { layOut } from "../../pixels/layout.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { PixelSource, YccPlanes } from "../../pixels/ycc_planes.ts";
import { DECODE_KERNEL } from "./decode_kernel.ts";
import { LOOKUP_BYTES, writeLookup } from "./huffman_lookup.ts";
import { type JpegComponent, type JpegFile, readJpegFile } from "./jpeg_file.ts";
import type { HuffmanCodes } from "./jpeg_tables.ts";
import { chromaSide, eighthsOf, ownEighths } from "./jpeg_size.ts";
import { COLUMN_OFFSETS } from "./zigzag.ts";

export interface JpegDecoder {
  /**
   * The picture at no less than so many eighths of its size: RGB or grey, valid until the next call.
   * Undefined where the file is of another kind, or damaged: the engine knows what to make of it.
   */
  decode(bytes: Uint8Array, eighths: number): PixelBuffer | undefined;
  /** The same for one who makes it smaller, `wantedScale` of the stored size: of colours luma and chroma apart. */
  decodePlanes(bytes: Uint8Array, eighths: number, wantedScale: number): PixelSource | undefined;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** What decode_kernel.as.ts exports. */
// deno-fmt-ignore
interface Kernel {
  memory: WebAssembly.Memory;
  windowBytes(): number;
  startScan(from: number, window: number): void;
  isSound(): number;
  restart(marker: number): void;
  readMcus(count: number, components: number, end: number, block: number): void;
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
  /** Rows of one row of MCUs. */
  rows: number;
  /** Where its rows lie, and for how many there is room: two rows of MCUs, or all. */
  ring: number;
  ringRows: number;
  /** Samples that the picture has. */
  width: number;
  height: number;
  dc: number;
  ac: number;
  quantities: number;
}

/** A file laid out in the kernel's memory. */
interface Layout {
  file: JpegFile;
  width: number;
  height: number;
  mcusAcross: number;
  mcusDown: number;
  heap: Uint8Array<ArrayBuffer>;
  planes: readonly Plane[];
  /** The components' fields, as the kernel reads them. */
  fields: Int32Array;
  scan: number;
  /** Room for what lies next in it. */
  window: number;
  block: number;
  /** The picture, two lines of enlarged colour and room for their sums, unless the planes are the result. */
  out: number;
  lines: readonly [number, number];
  sums: number;
}

interface Wanted {
  bytes: Uint8Array;
  file: JpegFile;
  side: number;
  /** Where the planes are the result: the scale that is wanted of them in the end. */
  wantedScale?: number | undefined;
}

/** 32-bit numbers of a component in the kernel's memory, and which of them change. */
const FIELDS = 10, TO = 0, PREVIOUS = 6;

/** A decoder with a kernel and memory of its own, which grows with the pictures. */
export function createJpegDecoder(): JpegDecoder {
  const bytes = Uint8Array.from(atob(DECODE_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;

  function decodePixels(wanted: Wanted): PixelBuffer | undefined {
    const layout = layOutFile(kernel, wanted);
    return decodeRows(kernel, layout, rowFinisher(kernel, layout)) ? pixelsOf(layout) : undefined;
  }

  return {
    decode(bytes, eighths) {
      const file = readJpegFile(bytes);
      return file && decodePixels({ bytes, file, side: ownEighths(eighths) });
    },
    decodePlanes(bytes, eighths, wantedScale) {
      const file = readJpegFile(bytes);
      if (!file) return undefined;
      const wanted = { bytes, file, side: ownEighths(eighths) };
      if (file.components.length === 1) return decodePixels(wanted);
      const layout = layOutFile(kernel, { ...wanted, wantedScale });
      return decodeRows(kernel, layout) ? planesOf(layout) : undefined;
    },
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

/** Copies the scan into the kernel's memory, and all that it needs to read it. */
function layOutFile(
  kernel: Kernel,
  { bytes, file, side, wantedScale }: Wanted,
): Layout {
  const [luma] = file.components;
  const { width, height } = eighthsOf(file, side);
  const mcusAcross = Math.ceil(file.width / 8 / luma!.across);
  const mcusDown = Math.ceil(file.height / 8 / luma!.down);
  const isPlanar = wantedScale !== undefined;

  const memory = layOut(kernel.memory);
  const scan = memory.take(bytes.length - file.scanAt + 16);
  const window = memory.take(kernel.windowBytes());
  const block = memory.take(128);
  const out = memory.take(isPlanar ? 0 : width * height * file.components.length);
  const lines = [memory.take(width), memory.take(width)] as const;
  const sums = memory.take((width + 32) * 2);
  // Blue and red mostly share their codes.
  const lookups = new Map<HuffmanCodes, { at: number; isDc: boolean }>();
  const lookUp = (codes: HuffmanCodes, isDc: boolean) => {
    const lookup = lookups.get(codes) ?? { at: memory.take(LOOKUP_BYTES), isDc };
    lookups.set(codes, lookup);
    return lookup.at;
  };
  const planes = file.components.map((component, index): Plane => {
    const own = index === 0 ? side : chromaSide(side, { luma: luma!, component, wantedScale });
    const rows = component.down * own;
    const stride = mcusAcross * component.across * own;
    const ringRows = rows * (isPlanar ? mcusDown : 2);
    return {
      component,
      rows,
      stride,
      side: own,
      ring: memory.take(stride * ringRows),
      ringRows,
      width: Math.min(stride, Math.ceil(width * component.across * own / (luma!.across * side))),
      height: Math.ceil(height * component.down * own / (luma!.down * side)),
      dc: lookUp(component.dc, true),
      ac: lookUp(component.ac, false),
      quantities: memory.take(64 * 4),
    };
  });
  const components = memory.take(planes.length * FIELDS * 4);
  const heap = memory.view();

  heap.set(bytes.subarray(file.scanAt), scan);
  const end = scan + bytes.length - file.scanAt;
  heap.fill(0, end, end + 16);
  // Whatever the file ends with, the reader meets a marker.
  heap.set([0xff, 0xd9], end);
  for (const [codes, lookup] of lookups) writeLookup(heap.buffer, { codes, ...lookup });
  const fields = new Int32Array(heap.buffer, components, planes.length * FIELDS);
  for (const [index, { component, stride, side, dc, ac, quantities }] of planes.entries()) {
    const words = new Uint32Array(heap.buffer, quantities, 64);
    for (let k = 0; k < 64; k++) words[k] = COLUMN_OFFSETS[k]! << 16 | component.quantities[k]!;
    const { across, down } = component;
    fields.set([0, stride, across, down, side, LAST[side]!, 0, dc, ac, quantities], index * FIELDS);
  }
  // deno-fmt-ignore
  return { file, width, height, mcusAcross, mcusDown, heap, planes, fields, scan, window, block, out, lines, sums };
}

/** Decodes all rows of MCUs, each followed by `finish` with their number; whether the scan was one. */
function decodeRows(kernel: Kernel, layout: Layout, finish?: (mcuRows: number) => void): boolean {
  const { planes, fields, mcusAcross, mcusDown, block } = layout;
  const { restartInterval } = layout.file;
  const components = fields.byteOffset;
  let mcusUntilRestart = restartInterval || Infinity;
  let restarts = 0;
  kernel.startScan(layout.scan, layout.window);
  for (let row = 0; row < mcusDown; row++) {
    for (let index = 0; index < planes.length; index++) {
      const { ring, ringRows, rows, stride } = planes[index]!;
      fields[index * FIELDS + TO] = ring + row * rows % ringRows * stride;
    }
    for (let column = 0; column < mcusAcross;) {
      if (mcusUntilRestart === 0) {
        kernel.restart(0xd0 + restarts++ % 8);
        for (const index of planes.keys()) fields[index * FIELDS + PREVIOUS] = 0;
        mcusUntilRestart = restartInterval;
      }
      const count = Math.min(mcusAcross - column, mcusUntilRestart);
      kernel.readMcus(count, components, components + fields.byteLength, block);
      column += count;
      mcusUntilRestart -= count;
    }
    if (!kernel.isSound()) return false;
    finish?.(row + 1);
  }
  return true;
}

/** What makes pixels of so many rows of MCUs, as far as it has not yet. */
function rowFinisher(kernel: Kernel, layout: Layout): (mcuRows: number) => void {
  const { heap, width, height, mcusDown, out, lines, sums } = layout;
  const [luma, ...colours] = layout.planes as [Plane, ...Plane[]];
  const [colour] = colours;
  const { across, down } = colour ? spanOf(layout, colour) : { across: 1, down: 1 };
  const isEnlarged = across > 1;
  let rowsDone = 0;

  function finishRow(y: number): void {
    const from = rowAt(luma, y);
    if (!colour) {
      heap.copyWithin(out + y * width, from, from + width);
      return;
    }
    const [blue, red] = colours.map((plane, index) => {
      if (!isEnlarged) return rowAt(plane, y);
      const near = down > 1 ? y >> 1 : y;
      const far = down > 1 ? Math.min(plane.height - 1, Math.max(0, near + (y & 1 ? 1 : -1))) : y;
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

  return (mcuRows) => {
    // The last row of enlarged colour waits for the one below it.
    const available = mcuRows === mcusDown ? height : mcuRows * luma.rows - (isEnlarged ? 1 : 0);
    for (; rowsDone < Math.min(height, available); rowsDone++) finishRow(rowsDone);
  };
}

function rowAt({ ring, ringRows, stride }: Plane, y: number): number {
  return ring + y % ringRows * stride;
}

/** How many pixels a sample of a plane spans. */
function spanOf(
  { planes: [luma] }: Layout,
  { component, side }: Plane,
): { across: 1 | 2; down: 1 | 2 } {
  const { across, down } = luma!.component;
  return {
    across: across * luma!.side > component.across * side ? 2 : 1,
    down: down * luma!.side > component.down * side ? 2 : 1,
  };
}

function pixelsOf({ heap, out, width, height, planes }: Layout): PixelBuffer {
  const channels = planes.length === 1 ? 1 : 3;
  const data = heap.subarray(out, out + width * height * channels);
  return { data, width, height, channels, hasAlpha: false };
}

function planesOf(layout: Layout): YccPlanes {
  const { heap, width, height, planes } = layout;
  const [luma, blue, red] = planes.map(({ ring, stride, height }): PixelBuffer => {
    const data = heap.subarray(ring, ring + stride * height);
    return { data, width: stride, height, channels: 1, hasAlpha: false };
  });
  return { width, height, planes: [luma!, blue!, red!], ...spanOf(layout, planes[1]!) };
}
