// GIF to whole frames: every block is read and every frame laid onto the canvas as GIF89a says and
// browsers do it. The engine's own way was slower, and has trapped on some files.
import { ProxyError } from "../../../errors.ts";
import { decodeLzw } from "./lzw.ts";

/** The canvas as a viewer sees it while this frame is shown. */
export interface GifFrame {
  /** RGBA of the whole canvas; overwritten when the next frame is asked for. */
  rgba: Uint8Array;
  /** Whether any pixel of the canvas is transparent. */
  hasAlpha: boolean;
  /** Index of the frame in the file. */
  index: number;
}

interface ImageBlock {
  left: number;
  top: number;
  width: number;
  height: number;
  interlaced: boolean;
  /** RGB triplets. */
  colours: Uint8Array;
  transparent: number | undefined;
  disposal: number;
  minimumCodeSize: number;
  data: Uint8Array;
}

const EXTENSION = 0x21, IMAGE = 0x2c, TRAILER = 0x3b, GRAPHIC_CONTROL = 0xf9;
const TO_BACKGROUND = 2, TO_PREVIOUS = 3;

/**
 * The frames in order, on a canvas of this size. A file that ends early gives what it holds; throws
 * `undecodable` where that is not even the start of one frame.
 */
export function* readGifFrames(
  bytes: Uint8Array,
  { width, height }: { width: number; height: number },
): Generator<GifFrame> {
  const rgba = new Uint8Array(width * height * 4);
  const canvas = new Uint32Array(rgba.buffer);
  let saved: Uint32Array | undefined;
  let index = 0;
  // Kept from frame to frame: what is thrown away by the megabyte is collected in the midst of the work.
  let room = new Uint8Array(width * height);
  for (const block of readBlocks(bytes)) {
    const size = block.width * block.height;
    if (size > room.length) room = new Uint8Array(size);
    const indices = room.subarray(0, size);
    const count = decodeLzw(block.data, block.minimumCodeSize, indices);
    if (count === 0 && index === 0) break;
    if (block.disposal === TO_PREVIOUS) saved = canvas.slice();
    draw(canvas, width, { block, indices, count });
    yield { rgba, hasAlpha: canvas.includes(0), index: index++ };
    if (block.disposal === TO_PREVIOUS) canvas.set(saved!);
    else if (block.disposal === TO_BACKGROUND) clear(canvas, width, block);
  }
  if (index === 0) throw new ProxyError("undecodable", "The GIF file holds no frame");
}

function* readBlocks(bytes: Uint8Array): Generator<ImageBlock> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[10] ?? 0;
  let at = 13;
  const global = colourTable(bytes, at, flags);
  at += global?.length ?? 0;
  let transparent: number | undefined, disposal = 0;
  while (at < bytes.length && bytes[at] !== TRAILER) {
    const kind = bytes[at++];
    if (kind === EXTENSION) {
      if (bytes[at] === GRAPHIC_CONTROL && at + 6 <= bytes.length && bytes[at + 1] === 4) {
        const control = bytes[at + 2]!;
        disposal = (control >> 2) & 7;
        transparent = control & 1 ? bytes[at + 5] : undefined;
      }
      at = joinBlocks(bytes, at + 1).next;
    } else if (kind === IMAGE) {
      if (at + 10 > bytes.length) return;
      const imageFlags = bytes[at + 8]!;
      const local = colourTable(bytes, at + 9, imageFlags);
      const dataAt = at + 9 + (local?.length ?? 0);
      const { data, next } = joinBlocks(bytes, dataAt + 1);
      yield {
        left: view.getUint16(at, true),
        top: view.getUint16(at + 2, true),
        width: view.getUint16(at + 4, true),
        height: view.getUint16(at + 6, true),
        interlaced: (imageFlags & 0x40) !== 0,
        colours: local ?? global ?? GREYS,
        transparent,
        disposal,
        minimumCodeSize: Math.max(1, Math.min(11, bytes[dataAt] ?? 8)),
        data,
      };
      at = next;
      transparent = undefined;
      disposal = 0;
    }
  }
}

/** Some files have no table at all: black, white, and a ramp beyond them. */
const GREYS = Uint8Array.from(
  { length: 768 },
  (_, i) => i < 3 ? 0 : i < 6 ? 255 : Math.floor(i / 3),
);

function colourTable(bytes: Uint8Array, at: number, flags: number): Uint8Array | undefined {
  return flags & 0x80 ? bytes.subarray(at, at + 3 * (2 << (flags & 7))) : undefined;
}

/** The contents of the sub-blocks at `at` in one piece, and where they end. */
function joinBlocks(bytes: Uint8Array, at: number): { data: Uint8Array; next: number } {
  let length = 0, end = at;
  for (let size = bytes[end]; size; size = bytes[end]) {
    length += size;
    end += size + 1;
  }
  const data = new Uint8Array(length);
  for (let from = at, to = 0; from < end;) {
    const size = bytes[from]!;
    data.set(bytes.subarray(from + 1, from + 1 + size), to);
    to += size;
    from += size + 1;
  }
  return { data, next: end + 1 };
}

/** Lays what was decoded of the frame onto the canvas; what lies outside is cut off. */
function draw(
  canvas: Uint32Array,
  canvasWidth: number,
  { block, indices, count }: { block: ImageBlock; indices: Uint8Array; count: number },
): void {
  const { left, top, width, height } = block;
  const palette = pixelsOf(block.colours);
  const transparent = block.transparent ?? -1;
  const canvasHeight = canvas.length / canvasWidth;
  const visible = Math.min(width, canvasWidth - left);
  const rows = block.interlaced ? interlacedRows(height) : undefined;
  for (let row = 0; row < height && row * width < count; row++) {
    const y = top + (rows?.[row] ?? row);
    if (y >= canvasHeight) continue;
    let to = y * canvasWidth + left;
    const end = Math.min(row * width + visible, count);
    for (let from = row * width; from < end; from++, to++) {
      const index = indices[from]!;
      if (index !== transparent) canvas[to] = palette[index]!;
    }
  }
}

/** Opaque pixels for all 256 indices, black for those that the table leaves out. */
function pixelsOf(colours: Uint8Array): Uint32Array {
  const rgba = new Uint8Array(1024);
  for (let index = 0; index < 256; index++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[index * 4 + channel] = colours[index * 3 + channel] ?? 0;
    }
    rgba[index * 4 + 3] = 255;
  }
  return new Uint32Array(rgba.buffer);
}

/** The row at which each row of the data belongs: four passes (GIF89a appendix E). */
function interlacedRows(height: number): Uint16Array {
  const rows = new Uint16Array(height);
  let row = 0;
  for (const [first, step] of [[0, 8], [4, 8], [2, 4], [1, 2]] as const) {
    for (let y = first; y < height; y += step) rows[row++] = y;
  }
  return rows;
}

function clear(canvas: Uint32Array, canvasWidth: number, block: ImageBlock): void {
  const right = Math.min(block.left + block.width, canvasWidth);
  const bottom = Math.min(block.top + block.height, canvas.length / canvasWidth);
  for (let y = block.top; y < bottom && block.left < right; y++) {
    canvas.fill(0, y * canvasWidth + block.left, y * canvasWidth + right);
  }
}
