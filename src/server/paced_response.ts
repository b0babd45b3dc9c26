// Answers at their readers' pace, but for readers that have stopped: who takes nothing of a large answer for
// a time is let go, and sooner where too much waits in memory for such readers.
import type { WaitingReaders } from "./waiting_readers.ts";

/** Answers up to so many bytes leave at once, for the most part into the system's own buffers. */
const PACED_FROM = 256 * 1024;
/** The most that is handed over at once, so that it shows whether anything is taken. */
const PIECE = 64 * 1024;
/** A reader that takes nothing for so many milliseconds has stopped. */
const STOPPED_AFTER_MS = 1000;

export interface Pace {
  /** Milliseconds in which a reader has to take something; 0 for any time. */
  timeoutMs: number;
  /** Those that have stopped, and the bytes that may wait in memory for them together. */
  waiting: WaitingReaders;
  maxWaitingBytes: number;
  /** Told of each that is let go. */
  onLetGo(error: Error): void;
}

/** A body for a `Response`: a large one in pieces, since a `Response` has a copy of its own of what it is given whole. */
export function bodyInPieces<B>(body: B): B | ReadableStream<Uint8Array> {
  if (!(body instanceof Uint8Array) || body.length <= PACED_FROM) return body;
  let at = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(body.subarray(at, at + PIECE));
      at += PIECE;
      if (at >= body.length) controller.close();
    },
  }, { highWaterMark: 0 });
}

/** The response itself where it is small, or one whose body breaks off when nobody reads it. */
export function pacedResponse(
  response: Response,
  { request, pace }: { request: Request; pace: Pace },
): Response {
  if (!mayBeLarge(response.headers) || response.body === null) return response;
  const { status, headers } = response;
  return new Response(pacedBody(response.body, { ...pace, client: request.signal }), {
    status,
    headers,
  });
}

/** Only a picture that is still on its way in has no length yet. */
function mayBeLarge(headers: Headers): boolean {
  const length = headers.get("content-length");
  if (length !== null) return Number(length) > PACED_FROM;
  return headers.get("content-type")?.startsWith("image/") === true;
}

function pacedBody(
  body: ReadableStream<Uint8Array>,
  { timeoutMs, waiting, maxWaitingBytes, onLetGo, client }: Pace & { client: AbortSignal },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let rest = new Uint8Array();
  let stream: ReadableStreamDefaultController;
  let isCancelled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let readOn = () => {};

  function leave(): void {
    isCancelled = true;
    clearTimeout(timer);
    readOn();
  }

  /** Has whoever reads on learn that no more comes, and frees what it was sent from. */
  function breakOff(reason: unknown): void {
    leave();
    rest = new Uint8Array();
    stream.error(reason);
    reader.cancel(reason).catch(() => {});
  }

  // A server cancels what it sends to who has left: others are told.
  client.addEventListener("abort", () => isCancelled || breakOff(client.reason), { once: true });

  function letGo(reason: string): void {
    const error = new Error(`A client took nothing for ${reason} and was let go`);
    breakOff(error);
    onLetGo(error);
  }

  /** Watches whether the reader comes back for more than lies in the memory that its last piece is of. */
  function watch(memory: ArrayBufferLike): void {
    timer = setTimeout(() => {
      if (timeoutMs > 0) {
        const left = Math.max(0, timeoutMs - STOPPED_AFTER_MS);
        timer = setTimeout(() => letGo(seconds(timeoutMs)), left);
      }
      readOn = waiting.wait(memory, {
        maxBytes: maxWaitingBytes,
        letGo: () => letGo("a time while too much waited for such clients"),
      });
    }, timeoutMs > 0 ? Math.min(STOPPED_AFTER_MS, timeoutMs) : STOPPED_AFTER_MS);
  }

  return new ReadableStream<Uint8Array>({
    start: (controller) => void (stream = controller),
    async pull(controller) {
      clearTimeout(timer);
      readOn();
      // Who has left may still be served once, by what was on its way.
      if (isCancelled) return;
      if (rest.length === 0) {
        const { done, value } = await reader.read();
        if (isCancelled) return;
        if (done) return controller.close();
        rest = value as Uint8Array<ArrayBuffer>;
      }
      const { buffer } = rest;
      controller.enqueue(rest.subarray(0, PIECE));
      rest = rest.subarray(PIECE);
      // Whoever takes it may find meanwhile that nobody is there.
      if (!isCancelled) watch(buffer);
    },
    async cancel(reason) {
      leave();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}
