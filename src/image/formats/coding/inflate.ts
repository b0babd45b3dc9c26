// A zlib stream, of a PNG or a TIFF, as far as it can be read: browsers show what a file cut short, or damaged
// further on, still holds. By a kernel of our own: the runtime's is native code that would read what anybody
// sends, wants the whole of it at once, and is slower.
import { layOut } from "../../pixels/layout.ts";
import { INFLATE_KERNEL } from "./inflate_kernel.ts";

export interface Inflater {
  /** Starts a stream that lies in these pieces, to be read in steps of at most so many bytes. */
  open(pieces: readonly Uint8Array[], mostAtOnce: number): StreamReader;
  /** At most so many bytes of a stream, in an array of their own; fewer where it ends or breaks before. */
  inflate(stream: Uint8Array, length: number): Uint8Array;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

export interface StreamReader {
  /**
   * The next bytes, fewer where the stream ends or cannot be read any further. Valid until more are read of
   * this stream, or another is opened; not to be written to, since what follows may repeat them.
   */
  read(count: number): Uint8Array;
}

/** What inflate_kernel.as.ts exports. */
interface Kernel {
  memory: WebAssembly.Memory;
  startStream(room: number): void;
  feed(from: number, to: number, isLast: number): void;
  leftAt(): number;
  isOpen(): number;
  inflate(base: number, to: number, limit: number): number;
}

/** RFC 1950: two bytes before the deflate stream; what the checksum behind it says is not asked. */
const HEADER = 2;
/** Deflate makes no more of a byte (RFC 1951): a small file that claims much is given little room. */
const MOST_FROM_BYTE = 1032;
/** From so far before a stream may repeat what it held. */
const HISTORY = 32_768;
/** So much is inflated at a time, beside what may be repeated: it stays in the processor's cache. */
const AT_ONCE = 1 << 17;
/** What the kernel may write beyond the limit. */
const OVERSHOOT = 512;
/** The kernel asks for more while so much of the input is left, at most. */
const INPUT = 1 << 16;
const TABLES = 24 * 1024;

/** An inflater with a kernel and memory of its own. */
export function createInflater(): Inflater {
  const bytes = Uint8Array.from(atob(INFLATE_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;

  function inflate(stream: Uint8Array, length: number): Uint8Array {
    const whole = new Uint8Array(Math.min(length, stream.length * MOST_FROM_BYTE));
    const reader = openStream(kernel, [stream], AT_ONCE);
    let filled = 0;
    while (filled < whole.length) {
      const bytes = reader.read(Math.min(AT_ONCE, whole.length - filled));
      if (bytes.length === 0) break;
      whole.set(bytes, filled);
      filled += bytes.length;
    }
    return whole.subarray(0, filled);
  }

  return {
    open: (pieces, mostAtOnce) => openStream(kernel, pieces, mostAtOnce),
    inflate,
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

function openStream(
  kernel: Kernel,
  pieces: readonly Uint8Array[],
  mostAtOnce: number,
): StreamReader {
  const memory = layOut(kernel.memory);
  const input = memory.take(INPUT);
  const tables = memory.take(TABLES);
  const room = HISTORY + Math.max(AT_ONCE, mostAtOnce);
  const window = memory.take(room + OVERSHOOT);
  const heap = memory.view();
  const limit = window + room;
  const takePieces = pieceReader(pieces);

  kernel.startStream(tables);
  const start = takePieces(heap.subarray(input, input + INPUT));
  const [method, flags] = heap.subarray(input, input + start.length);
  // A method other than 8, or a dictionary that nobody has.
  const isStream = start.length >= HEADER && (method! & 15) === 8 && (flags! & 0x20) === 0;
  let inputEnd = input + (isStream ? start.length : HEADER);
  kernel.feed(input + HEADER, inputEnd, Number(!isStream || start.isLast));

  /** What was given out lies before `next`, what is to be given out before `filled`. */
  let next = window, filled = window;

  function read(count: number): Uint8Array {
    if (next + count > limit) makeRoom();
    while (filled - next < count && kernel.isOpen()) {
      filled = kernel.inflate(window, filled, limit);
      if (filled < limit && kernel.isOpen()) feed();
    }
    const from = next;
    next = Math.min(next + count, filled);
    return heap.subarray(from, next);
  }

  /** Lets go of what is neither to be given out nor to be repeated. */
  function makeRoom(): void {
    const from = Math.max(window, Math.min(next, filled - HISTORY));
    heap.copyWithin(window, from, filled);
    next -= from - window;
    filled -= from - window;
  }

  function feed(): void {
    const left = inputEnd - kernel.leftAt();
    heap.copyWithin(input, kernel.leftAt(), inputEnd);
    const { length, isLast } = takePieces(heap.subarray(input + left, input + INPUT));
    inputEnd = input + left + length;
    kernel.feed(input, inputEnd, Number(isLast));
  }

  return { read };
}

/** Fills arrays with what lies in pieces, one behind the other. */
function pieceReader(pieces: readonly Uint8Array[]) {
  let piece = 0, at = 0;
  return (to: Uint8Array): { length: number; isLast: boolean } => {
    let length = 0;
    while (piece < pieces.length && length < to.length) {
      const bytes = pieces[piece]!.subarray(at, at + to.length - length);
      to.set(bytes, length);
      length += bytes.length;
      at += bytes.length;
      if (at === pieces[piece]!.length) [piece, at] = [piece + 1, 0];
    }
    return { length, isLast: piece === pieces.length };
  };
}
