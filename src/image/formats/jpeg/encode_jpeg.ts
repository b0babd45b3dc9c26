// Our own JPEG encoder, for what is written most: the engine's is scalar code, and took half the time of
// a large result. The same tables and qualities as everyone's, and codes made for each picture.
import type { Size } from "../../pixels/geometry.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { isPlanar, type PixelSource, type YccPlanes } from "../../pixels/ycc_planes.ts";
import { ENCODE_KERNEL } from "./encode_kernel.ts";
import { codesFor } from "./huffman_codes.ts";
import type { HuffmanCodes } from "./jpeg_tables.ts";
import { layOut } from "../../pixels/layout.ts";
import { quantitiesFor } from "./quantities.ts";
import { COLUMN_OFFSETS, ZIGZAG } from "./zigzag.ts";

export interface JpegEncoder {
  /**
   * A baseline JPEG of RGB or grey pixels. `quality` is 1…100 as libjpeg counts it; with `fullChroma`
   * colours keep their resolution. Undefined where the picture is not for it.
   */
  encode(
    pixels: PixelBuffer,
    options: { quality: number; fullChroma: boolean },
  ): Uint8Array<ArrayBuffer> | undefined;
  /** The same of planes; their chroma's span is the file's. */
  encodePlanes(planes: YccPlanes, options: { quality: number }): Uint8Array<ArrayBuffer>;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** Whether a picture is not too large for the encoder, which keeps all of its coefficients. */
export function isWritable({ width, height }: Size): boolean {
  return width * height <= MOST_PIXELS && Math.max(width, height) <= 65_535;
}

/** What encode_kernel.as.ts exports. */
// deno-fmt-ignore
interface Kernel {
  memory: WebAssembly.Memory;
  splitRow(luma: number, blue: number, red: number, from: number, count: number): void;
  halveRows(to: number, first: number, second: number, count: number): void;
  transformBlocks(to: number, from: number, stride: number, count: number, work: number, factors: number, order: number): void;
  countSymbols(components: number, end: number, across: number, down: number): void;
  writeScan(into: number, components: number, end: number, across: number, down: number): number;
}

/** The coefficients of the whole picture wait for their codes: some 4 bytes a pixel with half the chroma. */
const MOST_PIXELS = 8e6;
const BLOCK_BYTES = 136;
/** 32-bit numbers of a component in the kernel's memory, and the last first coefficient's place. */
const FIELDS = 7, PREVIOUS = 6;
const TABLE_BYTES = 256 * 4;

/** An encoder with a kernel and memory of its own, which grows with the pictures. */
export function createJpegEncoder(): JpegEncoder {
  const bytes = Uint8Array.from(atob(ENCODE_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;
  return {
    encode(pixels, { quality, fullChroma }) {
      const { channels } = pixels;
      if (channels % 2 === 0 || !isWritable(pixels)) return undefined;
      return encode(kernel, { pixels, quality, unit: channels === 1 || fullChroma ? 8 : 16 });
    },
    encodePlanes(planes, { quality }) {
      if (!isWritable(planes) || planes.across !== planes.down) {
        throw new RangeError(`Cannot write ${planes.width}x${planes.height} planes`);
      }
      return encode(kernel, { pixels: planes, quality, unit: planes.across === 1 ? 8 : 16 });
    },
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

interface Job {
  pixels: PixelSource;
  quality: number;
  /** The side of an MCU in pixels. */
  unit: 8 | 16;
}

function encode(kernel: Kernel, { pixels, quality, unit }: Job): Uint8Array<ArrayBuffer> {
  const { width, height } = pixels;
  const channels = isPlanar(pixels) ? 3 : pixels.channels;
  const across = Math.ceil(width / unit), down = Math.ceil(height / unit);
  const halves = unit / 8;
  const isColour = channels === 3;
  const samplings = isColour ? [halves, 1, 1] : [1];

  const memory = layOut(kernel.memory);
  const stride = across * unit;
  const row = memory.take(stride * channels);
  const strips = samplings.map((sampling) => memory.take(stride * sampling * 8));
  const wide = [memory.take(stride * 2), memory.take(stride * 2)] as const;
  const work = memory.take(128);
  const order = memory.take(64);
  const tables = [0, 1].map(() => ({
    factors: memory.take(256),
    dc: memory.take(TABLE_BYTES),
    ac: memory.take(TABLE_BYTES),
  }));
  const blocks = samplings.map((sampling) =>
    memory.take(across * down * sampling * sampling * BLOCK_BYTES)
  );
  const components = memory.take(samplings.length * FIELDS * 4);
  const end = components + samplings.length * FIELDS * 4;
  let heap = memory.view();

  const quantities = [quantitiesFor("luma", quality), quantitiesFor("chroma", quality)];
  for (const [k, offset] of COLUMN_OFFSETS.entries()) heap[order + offset / 2] = k;
  for (const [index, { factors, dc }] of tables.entries()) {
    const byColumn = new Float32Array(heap.buffer, factors, 64);
    for (const [k, place] of ZIGZAG.entries()) {
      byColumn[(place & 7) << 3 | place >> 3] = 1 / (8 * quantities[index]![k]!);
    }
    heap.fill(0, dc, dc + TABLE_BYTES * 2 + 256);
  }
  const fields = new Int32Array(heap.buffer, components, samplings.length * FIELDS);
  for (const [index, sampling] of samplings.entries()) {
    const { dc, ac } = tables[index === 0 ? 0 : 1]!;
    heap.fill(0, ac, ac + TABLE_BYTES);
    fields.set(
      [blocks[index]!, across * sampling, sampling, sampling, dc, ac, 0],
      index * FIELDS,
    );
  }

  for (let mcuRow = 0; mcuRow < down; mcuRow++) {
    for (let y = 0; y < unit; y++) fillRow(Math.min(height - 1, mcuRow * unit + y), y);
    for (const [index, sampling] of samplings.entries()) {
      for (let y = 0; y < sampling; y++) {
        const { factors } = tables[index === 0 ? 0 : 1]!;
        const count = across * sampling;
        const to = blocks[index]! + (mcuRow * sampling + y) * count * BLOCK_BYTES;
        const from = strips[index]! + y * 8 * count * 8;
        kernel.transformBlocks(to, from, count * 8, count, work, factors, order);
      }
    }
  }
  kernel.countSymbols(components, end, across, down);
  const used = isColour ? tables : tables.slice(0, 1);
  let bits = 0;
  const codes = used.map(({ dc, ac }) =>
    [dc, ac].map((at) => {
      const table = new Uint32Array(heap.buffer, at, 256);
      const made = codesFor(table);
      bits += replaceByCodes(table, made);
      return made;
    })
  );
  for (const index of samplings.keys()) fields[index * FIELDS + PREVIOUS] = 0;
  // Every byte may be one that is followed by a zero.
  const scan = memory.take(bits / 4 + 64);
  heap = memory.view();
  const scanEnd = kernel.writeScan(scan, components, end, across, down);
  const head = headOf({ width, height, samplings, quantities, codes });
  const result = new Uint8Array(head.length + scanEnd - scan + 2);
  result.set(head);
  result.set(heap.subarray(scan, scanEnd), head.length);
  result.set([0xff, 0xd9], result.length - 2);
  return result;

  /** Row y of the picture into row `to` of the strip of MCUs; its last pixel goes on to the edge. */
  function fillRow(y: number, to: number): void {
    if (isPlanar(pixels)) return fillPlanes(pixels, y, to);
    const bytes = width * channels;
    heap.set(pixels.data.subarray(y * bytes, (y + 1) * bytes), row);
    for (let at = row + bytes; at < row + stride * channels; at++) heap[at] = heap[at - channels]!;
    const [luma, blue, red] = strips;
    const at = luma! + to * stride;
    if (!isColour) {
      heap.copyWithin(at, row, row + stride);
    } else if (unit === 8) {
      kernel.splitRow(at, blue! + to * stride, red! + to * stride, row, stride);
    } else {
      const [blues, reds] = wide;
      const line = to & 1 ? stride : 0;
      kernel.splitRow(at, blues + line, reds + line, row, stride);
      if (line === 0) return;
      const half = (to >> 1) * stride / 2;
      kernel.halveRows(blue! + half, blues, blues + stride, stride);
      kernel.halveRows(red! + half, reds, reds + stride, stride);
    }
  }

  function fillPlanes({ planes: [luma, blue, red] }: YccPlanes, y: number, to: number): void {
    fillSamples(luma, y, strips[0]! + to * stride, stride);
    if (unit === 16 && (to & 1) === 1) return;
    const span = unit / 8, count = stride / span;
    const from = Math.floor(y / span), line = to / span * count;
    fillSamples(blue, from, strips[1]! + line, count);
    fillSamples(red, from, strips[2]! + line, count);
  }

  function fillSamples({ data, width }: PixelBuffer, y: number, at: number, count: number): void {
    heap.set(data.subarray(y * width, (y + 1) * width), at);
    heap.fill(heap[at + width - 1]!, at + width, at + count);
  }
}

/** Puts codes in the place of their frequencies, and returns how many bits the scan will have. */
function replaceByCodes(table: Uint32Array, { counts, symbols }: HuffmanCodes): number {
  let code = 0;
  let place = 0;
  let bits = 0;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    for (let n = 0; n < counts[length - 1]!; n++) {
      const symbol = symbols[place++]!;
      bits += table[symbol]! * (length + (symbol & 15));
      table[symbol] = code++ << 8 | length;
    }
  }
  return bits;
}

function headOf({ width, height, samplings, quantities, codes }: {
  width: number;
  height: number;
  samplings: readonly number[];
  quantities: readonly Uint8Array[];
  codes: readonly HuffmanCodes[][];
}): Uint8Array {
  const words = (...values: number[]) => values.flatMap((value) => [value >> 8, value & 255]);
  const segment = (marker: number, body: number[]) => [
    ...[0xff, marker],
    ...words(body.length + 2),
    ...body,
  ];
  const tableOf = (index: number) => index === 0 ? 0 : 1;
  return Uint8Array.from([
    ...[0xff, 0xd8],
    // JFIF 1.1, square pixels.
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, ...words(1, 1), 0, 0]),
    ...codes.flatMap((_, index) => segment(0xdb, [index, ...quantities[index]!])),
    ...segment(0xc0, [
      ...[8, ...words(height, width), samplings.length],
      ...samplings.flatMap((side, index) => [index + 1, side << 4 | side, tableOf(index)]),
    ]),
    ...codes.flatMap((pair, index) =>
      pair.flatMap(({ counts, symbols }, kind) =>
        segment(0xc4, [kind << 4 | index, ...counts, ...symbols])
      )
    ),
    ...segment(0xda, [
      samplings.length,
      ...samplings.flatMap((_, index) => [index + 1, tableOf(index) * 17]),
      ...[0, 63, 0],
    ]),
  ]);
}
