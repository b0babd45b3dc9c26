// One part of a picture, for clients that have the rest or want no more (RFC 9110 section 14).

import type { Body, StreamedBody } from "./body.ts";
import { compareStrongly } from "./conditional.ts";
import type { HeaderMap } from "./header_map.ts";
import { parseHttpDate } from "./http_date.ts";

/** The first and the last byte of a part, counted from 0. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The part that a GET asks for of a body of `size` bytes that would be answered 200 with `headers`. Undefined
 * for the whole: where none is asked for, several are, or the client's own part is of another picture.
 */
export function wantedRange(
  headers: HeaderMap,
  { request, size, now }: { request: HeaderMap; size: number; now: number },
): ByteRange | "unsatisfiable" | undefined {
  const { range } = request;
  if (range === undefined || size === 0) return undefined;
  const [, first, last] = /^\s*bytes\s*=\s*(\d*)-(\d*)\s*$/i.exec(range) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (!isSamePicture(request["if-range"], headers, now)) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length > 0 ? { start: size - length, end: size - 1 } : "unsatisfiable";
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined; // section 14.1.1: not a range at all
  return start < size ? { start, end } : "unsatisfiable";
}

/** Section 13.1.5: by a strong tag, or by a date that is as good as one. */
function isSamePicture(ifRange: string | undefined, headers: HeaderMap, now: number): boolean {
  if (ifRange === undefined) return true;
  if (/^\s*(?:W\/)?"/.test(ifRange)) {
    return headers.etag !== undefined && compareStrongly(ifRange.trim(), headers.etag);
  }
  const wanted = parseHttpDate(ifRange, now);
  const modified = parseHttpDate(headers["last-modified"], now);
  const date = parseHttpDate(headers.date, now);
  // Section 8.8.2.2: within a second it may have changed twice.
  return wanted !== undefined && wanted === modified && date !== undefined &&
    date - modified >= 1000;
}

/** That part of a body. */
export function partOf<B extends Body>(body: B, range: ByteRange): B {
  const part = body instanceof Uint8Array
    ? body.subarray(range.start, range.end + 1)
    : partOfStreamed(body, range);
  return part as B;
}

function partOfStreamed(body: StreamedBody, range: ByteRange): StreamedBody {
  const { start, end } = range;
  return {
    ...body,
    size: end - start + 1,
    async stream(onBreak) {
      const whole = await body.stream(onBreak);
      return whole && streamPart(whole, range);
    },
    whole: async () => (await body.whole()).subarray(start, end + 1),
  };
}

// Read to its end, for only there a stored body is known to be sound; what is sent of it last waits for that.
function streamPart(
  whole: ReadableStream<Uint8Array>,
  { start, end }: ByteRange,
): ReadableStream<Uint8Array> {
  const reader = whole.getReader();
  let at = 0;
  let held: Uint8Array | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          if (held) controller.enqueue(held);
          return controller.close();
        }
        const piece = value.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at));
        at += value.length;
        if (piece.length === 0) continue;
        const ready = held;
        held = piece;
        if (ready) return controller.enqueue(ready);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
