// Answers at their readers' pace, but for readers that have stopped: who takes nothing of a large answer for
// a time is let go, since what waits for it is held in memory or keeps a file open.

/** Answers up to so many bytes leave at once, for the most part into the system's own buffers. */
const PACED_FROM = 256 * 1024;
/** The most that is handed over at once, so that it shows whether anything is taken. */
const PIECE = 64 * 1024;

export interface Pace {
  /** Milliseconds in which a reader has to take something. */
  timeoutMs: number;
  /** Told of each that is let go. */
  onLetGo(error: Error): void;
}

/** The response itself where it is small, or one whose body breaks off when nobody reads it. */
export function pacedResponse(
  response: Response,
  { request, pace }: { request: Request; pace: Pace },
): Response {
  if (pace.timeoutMs === 0 || !mayBeLarge(response.headers) || response.body === null) {
    return response;
  }
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
  { timeoutMs, onLetGo, client }: Pace & { client: AbortSignal },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let rest = new Uint8Array();
  let isCancelled = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const leave = () => {
    isCancelled = true;
    clearTimeout(timer);
  };
  client.addEventListener("abort", leave, { once: true });

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(timer);
      if (rest.length === 0) {
        const { done, value } = await reader.read();
        if (isCancelled) return;
        if (done) return controller.close();
        rest = value as Uint8Array<ArrayBuffer>;
      }
      controller.enqueue(rest.subarray(0, PIECE));
      rest = rest.subarray(PIECE);
      timer = setTimeout(() => {
        const error = new Error(`A client took nothing for ${timeoutMs / 1000} s and was let go`);
        rest = new Uint8Array();
        controller.error(error);
        reader.cancel(error).catch(() => {});
        onLetGo(error);
      }, timeoutMs);
    },
    async cancel(reason) {
      leave();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
