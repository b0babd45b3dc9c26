// Our own decoder of lossy WebP's pictures (VP8, RFC 6386): the engine's is scalar code, and makes colours of all
// samples before most of them are thrown away. It says so where a bitstream is not for it.
import { layOut } from "../../pixels/layout.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { rgbaOf } from "../../pixels/rgba.ts";
import type { YccPlanes } from "../../pixels/ycc_planes.ts";
import { readVp8Frame, readVp8Header, type Vp8Frame, type Vp8Header } from "./vp8_header.ts";
import { VP8_KERNEL } from "./vp8_kernel.ts";
import { MODE_PROBABILITIES } from "./vp8_tables.ts";

export interface Vp8Decoder {
  /** The picture of a bitstream as RGB, valid until the next call. Undefined where it is damaged, or no still. */
  decode(bytes: Uint8Array): PixelBuffer | undefined;
  /**
   * The same for one who makes it smaller, `wantedScale` of the stored size: luma and chroma apart, the latter at half
   * the size, and all of half the size where that is enough.
   */
  decodePlanes(bytes: Uint8Array, wantedScale: number): YccPlanes | undefined;
  /** The rows that are there of a bitstream which ends before its picture, as RGBA, above nothing. Undefined where none is. */
  decodeCut(bytes: Uint8Array): PixelBuffer | undefined;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** What vp8_kernel.as.ts exports. */
// deno-fmt-ignore
interface Kernel {
  memory: WebAssembly.Memory;
  start(room: number): void;
  openPartition(index: number, from: number, to: number): void;
  startHeader(): void;
  readBit(probability: number): number;
  startPicture(width: number, list: number, above: number, luma: number, blue: number, red: number, segments: number, skip: number, modes: number, filter: number): void;
  halve(width: number, height: number): void;
  decodeRow(y: number, partition: number): void;
  filterRow(y: number): void;
  isSound(): number;
  widenLuma(at: number, count: number): void;
  widenChroma(at: number, count: number): void;
  enlargeRow(to: number, near: number, far: number, count: number): void;
  rgbRow(to: number, luma: number, blue: number, red: number, count: number): void;
}

// Bytes of the room of fixed size, and where in it what the header says is put: as in vp8_kernel.as.ts.
const ROOM = 6400, QUANTISERS = 2944, FILTERS = 3008, PROBABILITIES = 3072;
const FILTER_KINDS = ["none", "simple", "normal"];
/** The place of each band of probabilities' coefficients, and of the end. */
const BANDS = [0, 1, 2, 3, 6, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7];
const KINDS = 4, CONTEXTS = 3, BRANCHES = 11, CONTEXT_BYTES = 16;

/** What a picture is decoded to: RGB, planes of its own size, or of half of that. */
type Form = "colours" | "planes" | "halved";

/** How much larger than the result luma has to be at least, and chroma: as of JPEGs. */
const OVERSAMPLING = 1.75, CHROMA_SHARE = 0.9;

/** Whether a picture, and its chroma of half that, has enough samples for the scale at half the size. */
export function isHalfEnough(wantedScale: number): boolean {
  return wantedScale * OVERSAMPLING <= 1 / 2 && wantedScale * CHROMA_SHARE <= 1 / 4;
}

/** A picture laid out in the kernel's memory. */
interface Layout {
  frame: Vp8Frame;
  across: number;
  down: number;
  heap: Uint8Array<ArrayBuffer>;
  room: number;
  bitstream: number;
  list: number;
  above: number;
  segments: number;
  modes: number;
  /** Whether the planes have half the size. */
  isHalved: boolean;
  /** Of luma; those of chroma have half. */
  stride: number;
  planes: readonly [luma: number, blue: number, red: number];
  /** RGB, and two lines of enlarged chroma, unless the planes are the result. */
  out: number;
  lines: readonly [number, number];
}

/** A decoder with a kernel and memory of its own, which grows with the pictures. */
export function createVp8Decoder(): Vp8Decoder {
  const bytes = Uint8Array.from(atob(VP8_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;

  /** A picture of which `rows` rows of macroblocks are told: all of them, unless it may be cut. */
  function decoded(
    bytes: Uint8Array,
    form: Form,
    mayBeCut = false,
  ): Layout & { rows: number } | undefined {
    const frame = readVp8Frame(bytes);
    if (!frame) return undefined;
    const layout = layOutPicture(kernel.memory, { bytes, frame, form });
    const header = startPicture(kernel, layout, { length: bytes.length, mayBeCut });
    if (!header) return undefined;
    if (form === "halved") kernel.halve(frame.width, frame.height);
    const { down, stride, planes: [luma, blue, red] } = layout;
    // What is below the last row of macroblocks that is filtered may still change.
    let widened = 0;
    for (let y = 0; y < down; y++) {
      kernel.decodeRow(y, 1 + y % header.partitions);
      if (!kernel.isSound()) return mayBeCut ? { ...layout, rows: y } : undefined;
      kernel.filterRow(y);
      if (form !== "planes") continue;
      const rows = y === down - 1 ? down * 8 : y * 8 + 4;
      kernel.widenLuma(luma + widened * 2 * stride, (rows - widened) * 2 * stride);
      for (const plane of [blue, red]) {
        kernel.widenChroma(plane + widened * stride / 2, (rows - widened) * stride / 2);
      }
      widened = rows;
    }
    return { ...layout, rows: down };
  }

  return {
    decode(bytes) {
      const layout = decoded(bytes, "colours");
      return layout && coloursOf(kernel, layout);
    },
    decodePlanes(bytes, wantedScale) {
      const layout = decoded(bytes, isHalfEnough(wantedScale) ? "halved" : "planes");
      return layout && planesOf(layout);
    },
    decodeCut(bytes) {
      const layout = decoded(bytes, "colours", true);
      const rows = layout ? toldRows(layout) : 0;
      if (rows === 0) return undefined;
      const pixels = coloursOf(kernel, layout!);
      const data = rgbaOf(pixels);
      data.fill(0, rows * pixels.width * 4);
      return { ...pixels, data, channels: 4, hasAlpha: true };
    },
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

/** Rows of pixels on which the macroblocks below, of which nothing is known, have no part: by filters or enlarged chroma. */
function toldRows({ frame, down, rows }: Layout & { rows: number }): number {
  return rows === down ? frame.height : Math.max(0, rows * 16 - 8);
}

function layOutPicture(
  kernelMemory: WebAssembly.Memory,
  { bytes, frame, form }: { bytes: Uint8Array; frame: Vp8Frame; form: Form },
): Layout {
  const { width, height } = frame;
  const across = Math.ceil(width / 16), down = Math.ceil(height / 16);
  const isHalved = form === "halved";
  const stride = across * (isHalved ? 8 : 16), rows = down * (isHalved ? 8 : 16);
  const memory = layOut(kernelMemory);
  const room = memory.take(ROOM);
  const segments = memory.take(3);
  const modes = memory.take(MODE_PROBABILITIES.length);
  const bitstream = memory.take(bytes.length);
  const list = memory.take(across * 32);
  const above = memory.take(across * 64 + 64);
  const planes = [
    memory.take(stride * rows),
    memory.take(stride * rows / 4),
    memory.take(stride * rows / 4),
  ] as const;
  const hasColours = form === "colours";
  const out = memory.take(hasColours ? width * height * 3 : 0);
  const line = hasColours ? width + 1 : 0;
  const lines = [memory.take(line), memory.take(line)] as const;
  const heap = memory.view();
  heap.set(bytes, bitstream);
  heap.set(MODE_PROBABILITIES, modes);
  // deno-fmt-ignore
  return { frame, across, down, heap, room, bitstream, list, above, segments, modes, isHalved, stride, planes, out, lines };
}

/** Reads the header and has the kernel start the picture; undefined where a partition is missing. */
function startPicture(
  kernel: Kernel,
  layout: Layout,
  { length, mayBeCut }: { length: number; mayBeCut: boolean },
): Vp8Header | undefined {
  const { frame, heap, room, bitstream, segments } = layout;
  const firstEnd = frame.start + frame.length;
  /** Whether there is a partition: no arithmetic code starts with a byte of ones, and readers disagree on those. */
  const open = (index: number, from: number, end: number) => {
    const isWhole = end <= length;
    kernel.openPartition(index, bitstream + from, bitstream + (isWhole ? end : length));
    return (isWhole || mayBeCut && from < length) && heap[bitstream + from] !== 0xff;
  };
  kernel.start(room);
  if (!open(0, frame.start, firstEnd)) return undefined;
  kernel.startHeader();
  const header = readVp8Header((probability) => kernel.readBit(probability));
  if (!kernel.isSound()) return undefined;
  const { partitions, segmentProbabilities, skipProbability } = header;

  // The sizes of all partitions but the last, then those.
  let from = firstEnd + (partitions - 1) * 3;
  if (from >= length) return undefined;
  for (let index = 0; index < partitions; index++) {
    const at = bitstream + firstEnd + index * 3;
    const size = index === partitions - 1
      ? length - from
      : heap[at]! | heap[at + 1]! << 8 | heap[at + 2]! << 16;
    if (!open(index + 1, from, from + size)) return undefined;
    from += size;
  }

  new Uint16Array(heap.buffer, room + QUANTISERS, 24).set(header.quantisers.flat());
  heap.set(header.filters.flat().flatMap((filter) => [...filter, 0]), room + FILTERS);
  writeProbabilities(heap.subarray(room + PROBABILITIES), header.probabilities);
  if (segmentProbabilities) heap.set(segmentProbabilities, segments);
  const { across, list, above, planes, modes } = layout;
  const [luma, blue, red] = planes;
  const told = segmentProbabilities ? segments : 0;
  const filter = FILTER_KINDS.indexOf(header.filter);
  // deno-fmt-ignore
  kernel.startPicture(across, list, above, luma, blue, red, told, skipProbability, modes, filter);
  return header;
}

/** Writes them for each place where the file has them for each band. */
function writeProbabilities(to: Uint8Array, probabilities: Uint8Array): void {
  let at = 0;
  for (let kind = 0; kind < KINDS; kind++) {
    for (const band of BANDS) {
      for (let context = 0; context < CONTEXTS; context++, at += CONTEXT_BYTES) {
        const from = ((kind * 8 + band) * CONTEXTS + context) * BRANCHES;
        to.set(probabilities.subarray(from, from + BRANCHES), at);
      }
    }
  }
}

function planesOf({ frame, isHalved, heap, stride, planes }: Layout): YccPlanes {
  const [width, height] = [frame.width, frame.height]
    .map((side) => isHalved ? Math.ceil(side / 2) : side) as [number, number];
  const [luma, blue, red] = planes.map((at, index): PixelBuffer => {
    const wide = index === 0 ? stride : stride / 2;
    const shown = index === 0 ? height : Math.ceil(height / 2);
    const data = heap.subarray(at, at + wide * shown);
    return { data, width: wide, height: shown, channels: 1, hasAlpha: false };
  });
  return { width, height, planes: [luma!, blue!, red!], across: 2, down: 2 };
}

/** Enlarges chroma as libwebp does, and browsers with it, and makes RGB of it. */
function coloursOf(
  kernel: Kernel,
  { frame, heap, stride, planes, out, lines }: Layout,
): PixelBuffer {
  const { width, height } = frame;
  const [luma, ...chroma] = planes;
  const samples = Math.ceil(width / 2), rows = Math.ceil(height / 2);
  for (let y = 0; y < height; y++) {
    const near = y >> 1;
    const far = Math.min(rows - 1, Math.max(0, near + (y & 1 ? 1 : -1)));
    for (const [index, plane] of chroma.entries()) {
      const rowAt = (row: number) => plane + row * stride / 2;
      kernel.enlargeRow(lines[index]!, rowAt(near), rowAt(far), samples);
    }
    kernel.rgbRow(out + y * width * 3, luma + y * stride, lines[0], lines[1], width);
  }
  const data = heap.subarray(out, out + width * height * 3);
  return { data, width, height, channels: 3, hasAlpha: false };
}
