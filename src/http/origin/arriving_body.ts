// A body on its way in. It is gathered in one array, and whoever wants it sooner reads the same array
// while it grows, from the start and at a pace of its own.
import type { StreamedBody } from "../body.ts";
import { ProxyError } from "../../errors.ts";
import type { ByteBudget } from "./byte_budget.ts";

export interface ReadingOptions {
  /** Of the body in bytes, where the origin said it; a body of another length is refused. */
  size?: number | undefined;
  /** What pieces lie in that came one behind the other from its start; such a body is here without a copy. */
  room?: Uint8Array | undefined;
  /** What all bodies on their way in share. */
  budget?: ByteBudget | undefined;
  /** Told once, when more than STREAMED_FROM bytes have come and not the end. */
  onLarge?: (body: StreamedBody) => void;
}

/**
 * How much of a body, in bytes, has to come before it is passed on. A body as small as this is here after
 * some five round trips, and whoever waits for it has an error or a stale copy in place of a broken
 * connection; of a larger one the first bytes are worth more to the reader.
 */
export const STREAMED_FROM = 256 * 1024;

/** The most that a reader is given at once, in bytes. */
const PIECE = 64 * 1024;

/** Reads a body to its end, into one array. */
export async function readWhole(
  body: ReadableStream<Uint8Array>,
  { size, room, budget, onLarge }: ReadingOptions = {},
): Promise<Uint8Array> {
  const reader = body.getReader();
  const arriving = createArrivingBody(size, room);
  let isTooMuch = false;
  let isLarge = false;
  const arrival = budget?.arrive(() => {
    isTooMuch = true;
    arriving.fail(tooMuch());
    reader.cancel().catch(() => {});
  });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (isTooMuch) throw tooMuch();
      if (done) return arriving.end();
      arriving.add(value);
      arrival?.add(value.length);
      if (isLarge || isTooMuch || arriving.length <= STREAMED_FROM) continue;
      isLarge = true;
      onLarge?.(arriving);
    }
  } catch (error) {
    arriving.fail(error);
    throw error;
  } finally {
    arrival?.end();
  }
}

function tooMuch(): ProxyError {
  return new ProxyError("busy", "Too many bytes are on their way in; try again soon", {
    retryAfter: 1,
  });
}

interface ArrivingBody extends StreamedBody {
  /** Bytes that have come. */
  readonly length: number;
  add(chunk: Uint8Array): void;
  /** Nothing more will come: the body. Throws bad_origin where it is not as long as was said. */
  end(): Uint8Array;
  /** Nothing more will come, and what has come is let go of. */
  fail(reason: unknown): void;
}

function createArrivingBody(size: number | undefined, room: Uint8Array | undefined): ArrivingBody {
  const outcome = Promise.withResolvers<Uint8Array>();
  outcome.promise.catch(() => {}); // Told to those who ask for it.
  let bytes = room ?? new Uint8Array(Math.min(size ?? PIECE, STREAMED_FROM));
  let length = 0;
  let state: "arriving" | "whole" | "failed" = "arriving";
  let reason: unknown;
  let change = Promise.withResolvers<void>();

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  function lies(chunk: Uint8Array): boolean {
    return chunk.buffer === bytes.buffer && chunk.byteOffset === bytes.byteOffset + length;
  }

  /** A size that was only said costs nothing until bytes come, but address space. */
  function makeRoom(needed: number): void {
    // The room is whose pieces lie in it, and never written to.
    if (needed <= bytes.length && bytes !== room) return;
    const roomier = new Uint8Array(Math.max(needed, size ?? 2 * bytes.length));
    roomier.set(bytes.subarray(0, length));
    bytes = roomier;
  }

  return {
    size,
    isComplete: false,
    get length() {
      return length;
    },
    add(chunk) {
      if (state !== "arriving") return;
      if (!lies(chunk)) {
        makeRoom(length + chunk.length);
        bytes.set(chunk, length);
      }
      length += chunk.length;
      changed();
    },
    end() {
      if (size !== undefined && length !== size) {
        throw new ProxyError("bad_origin", "The origin's answer is not as long as it says");
      }
      if (bytes === room) bytes = bytes.subarray(0, length);
      else if (length < bytes.length) bytes = bytes.slice(0, length);
      state = "whole";
      outcome.resolve(bytes);
      changed();
      return bytes;
    },
    fail(failure) {
      if (state !== "arriving") return;
      state = "failed";
      reason = failure;
      bytes = new Uint8Array();
      outcome.reject(reason);
      changed();
    },
    beginning: (wanted) => bytes.subarray(0, Math.min(wanted, length)),
    stream(onBreak) {
      let at = 0;
      let isCancelled = false;
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          while (state === "arriving" && at === length) await change.promise;
          if (isCancelled) return;
          if (state === "failed") {
            onBreak?.(reason);
            return controller.error(reason);
          }
          if (at === length) return controller.close();
          const end = Math.min(length, at + PIECE);
          controller.enqueue(bytes.subarray(at, end));
          at = end;
        },
        cancel() {
          isCancelled = true;
        },
      }, { highWaterMark: 0 });
      return Promise.resolve(stream);
    },
    whole: () => outcome.promise,
  };
}
