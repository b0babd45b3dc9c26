// The chunks that make a PNG move (W3C PNG 3rd edition, section 11.3.5), and how far they make sense: at the first
// error an animation ends, as it does in browsers, and without a single frame the picture is a still.
import type { ByteReader } from "../reading/byte_reader.ts";
import { MAX_FRAMES, undecodable } from "../reading/image_header.ts";
import type { Placement } from "../coding/canvas.ts";
import type { Size } from "../../pixels/geometry.ts";

/** Parts of a file that are walked: each frame is two chunks at least, and they are walked twice. */
export const MAX_STEPS = 500_000;

/** One stored rectangle and how it is laid onto the canvas. */
export interface ApngFrame extends Placement, Size {
  /** Milliseconds that it is shown. */
  delay: number;
  /** The pieces of its compressed pixels. */
  data: Uint8Array[];
}

export interface Animation {
  /** At least one. */
  frames: ApngFrame[];
  /** How often it plays; 0 is forever. */
  loopCount: number;
  /** Whether the file ends, or stops to make sense, before the animation does. */
  isBroken: boolean;
}

const CONTROL_BYTES = 26, TO_BACKGROUND = 1, TO_PREVIOUS = 2, OVER = 1;
/** The largest number in a PNG (W3C PNG 3rd edition, section 7.1). */
const MOST = 2 ** 31 - 1;
/** Chunks before the pixels among which an animation is looked for where bytes are recognised. */
const MOST_BEFORE_PIXELS = 1000;

interface Chunk {
  type: string;
  start: number;
  /** Where it says that it ends, which may lie beyond the file. */
  end: number;
}

/** The chunks behind the signature up to IEND, or as many as begin within the file. */
function* chunksIn(reader: ByteReader): Generator<Chunk> {
  for (let at = 8; at + 8 <= reader.length;) {
    const type = reader.fourCC(at + 4);
    const start = at + 8, end = start + reader.u32(at);
    yield { type, start, end };
    if (type === "IEND") return;
    at = end + 4;
  }
}

/** Whether the bytes are those of a PNG that says, before its pixels, that it moves. Never throws. */
export function announcesAnimation(reader: ByteReader): boolean {
  let left = MOST_BEFORE_PIXELS;
  for (const { type } of chunksIn(reader)) {
    if (type === "acTL") return true;
    if (type === "IDAT" || --left === 0) return false;
  }
  return false;
}

/** The animation on a canvas of this size, as far as it makes sense; undefined where not one frame does. */
export function readAnimation(reader: ByteReader, canvas: Size): Animation | undefined {
  const frames: ApngFrame[] = [];
  let announced: { frames: number; loopCount: number } | undefined;
  let current: ApngFrame | undefined;
  // Whether the picture of those who show none that move is the first frame.
  let isFirst = false;
  let sequence = 0, hasPixels = false, isBroken = false, hasEnd = false;

  /** The current frame is whole; false where it has no pixels. */
  function finish(): boolean {
    if (!current) return true;
    if (current.data.length === 0) return false;
    frames.push(current);
    if (frames.length > MAX_FRAMES) {
      throw undecodable(`The PNG file has more than ${MAX_FRAMES} frames`);
    }
    current = undefined;
    return true;
  }

  /** Takes one chunk in; false where it makes no sense. */
  function take({ type, start, end }: Chunk): boolean {
    const isWhole = end + 4 <= reader.length;
    if (type === "acTL" && !hasPixels && isWhole && end - start === 8) {
      const [frames, loopCount] = [reader.u32(start), reader.u32(start + 4)];
      // A chunk of numbers that a PNG cannot have says nothing.
      if (Math.max(frames, loopCount) <= MOST) announced ??= { frames, loopCount };
    } else if (type === "IDAT") {
      hasPixels = true;
      if (current && isFirst && frames.length === 0) {
        current.data.push(reader.bytes.subarray(start, Math.min(end, reader.length)));
      }
    } else if (type === "fcTL" && announced) {
      if (!finish() || !isWhole || end - start !== CONTROL_BYTES) return false;
      if (reader.u32(start) !== sequence++) return false;
      current = readControl(reader, start, canvas);
      isFirst ||= !hasPixels;
      return current !== undefined && (hasPixels || isAll(current, canvas));
    } else if (type === "fdAT" && announced) {
      if (!hasPixels || !current || end - start < 4 || start + 4 > reader.length) return false;
      if (reader.u32(start) !== sequence++) return false;
      // A frame that is cut short is not shown, unless it is the first.
      if (!isWhole && frames.length > 0) return false;
      current.data.push(reader.bytes.subarray(start + 4, Math.min(end, reader.length)));
      return isWhole;
    }
    return true;
  }

  for (const chunk of chunksIn(reader)) {
    reader.step();
    hasEnd ||= chunk.type === "IEND";
    isBroken = !take(chunk);
    if (!isBroken) continue;
    if (chunk.type === "fdAT" && frames.length > 0) current = undefined;
    break;
  }
  finish();
  if (!announced || announced.frames === 0 || frames.length === 0) return undefined;
  const { loopCount } = announced;
  isBroken ||= !hasEnd;
  return { frames: frames.slice(0, announced.frames), loopCount, isBroken };
}

function readControl(reader: ByteReader, start: number, canvas: Size): ApngFrame | undefined {
  const [width, height, left, top] = [4, 8, 12, 16].map((at) => reader.u32(start + at)) as [
    number,
    number,
    number,
    number,
  ];
  const disposal = reader.u8(start + 24), blending = reader.u8(start + 25);
  const isInside = width > 0 && height > 0 &&
    left + width <= canvas.width && top + height <= canvas.height;
  if (!isInside || disposal > TO_PREVIOUS || blending > OVER) return undefined;
  const denominator = reader.u16(start + 22) || 100;
  return {
    ...{ width, height, left, top },
    // Chromium counts whole milliseconds too.
    delay: Math.floor(reader.u16(start + 20) * 1000 / denominator),
    blends: blending === OVER,
    clears: disposal === TO_BACKGROUND,
    // Before the first frame there was nothing.
    restores: disposal === TO_PREVIOUS,
    data: [],
  };
}

/** Whether the frame is the whole canvas. */
export function isAll({ width, height }: Size, canvas: Size): boolean {
  return width === canvas.width && height === canvas.height;
}
