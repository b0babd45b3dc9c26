// A large body is sent from where it is stored, a piece at a time. Its checksum is known to be right only
// at the end, so the last piece is held back until then: a spoilt body breaks off and never looks whole.
import { crc32 } from "node:zlib";
import type { StreamedBody } from "../http/body.ts";
import type { EntryOutline } from "./entry.ts";
import type { OpenValue } from "./drivers/store.ts";

export interface StoredBodyOptions {
  readonly outline: EntryOutline;
  /** The frame from its first byte on, as far as it has been read. */
  readonly beginning: Uint8Array;
  /** Opens the value again; undefined where it has gone. */
  open(): Promise<OpenValue | undefined>;
  /** Told that the bytes are not those that were stored. */
  onSpoilt(): void;
}

/** A body that is read anew for each of its readers. */
export function createStoredBody(
  { outline, beginning, open, onSpoilt }: StoredBodyOptions,
): StreamedBody {
  const { bodyAt, bodyLength, bodyChecksum } = outline;

  async function stream(
    onBreak?: (error: unknown) => void,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const value = await open();
    if (value === undefined) return undefined;
    // Another value may have taken the place of the one that was looked at: then the headers are not its.
    if (!startsAlike(value.beginning, beginning, bodyAt)) {
      value.close();
      return undefined;
    }
    return checked(value, onBreak);
  }

  function checked(
    value: OpenValue,
    onBreak: ((error: unknown) => void) | undefined,
  ): ReadableStream<Uint8Array> {
    let piece = value.beginning.subarray(bodyAt);
    let checksum = crc32(piece);
    let length = piece.length;
    let isCancelled = false;

    async function next(): Promise<Uint8Array | undefined> {
      const following = await value.read();
      if (following === undefined) return undefined;
      checksum = crc32(following, checksum);
      length += following.length;
      return following;
    }

    return new ReadableStream({
      async pull(controller) {
        try {
          const following = await next();
          if (isCancelled) return;
          if (following === undefined && (checksum !== bodyChecksum || length !== bodyLength)) {
            onSpoilt();
            throw new Error("A cached file is spoilt; it is removed");
          }
          controller.enqueue(piece);
          if (following !== undefined) return void (piece = following);
          value.close();
          controller.close();
        } catch (error) {
          value.close();
          if (isCancelled) return;
          onBreak?.(error);
          controller.error(error);
        }
      },
      cancel() {
        isCancelled = true;
        value.close();
      },
    }, { highWaterMark: 0 });
  }

  return {
    size: bodyLength,
    isComplete: true,
    beginning: (bytes) => beginning.subarray(bodyAt, bodyAt + bytes),
    stream,
    async whole() {
      const source = await stream();
      if (source === undefined) throw new Error("A cached file has gone");
      const whole = new Uint8Array(bodyLength);
      let at = 0;
      for await (const piece of source) {
        whole.set(piece, at);
        at += piece.length;
      }
      return whole;
    },
  };
}

function startsAlike(a: Uint8Array, b: Uint8Array, length: number): boolean {
  return a.length >= length && a.subarray(0, length).every((byte, at) => byte === b[at]);
}
