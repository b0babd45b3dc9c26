// Content codings. None is asked for, yet some origins send one; a small body may then stand for a huge one,
// so that it is decoded in small steps and the steps are counted.

import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import { ProxyError } from "../../errors.ts";
import { tooLarge } from "./origin_error.ts";

const DECODERS: Record<string, (first: Uint8Array) => Transform> = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  br: () => createBrotliDecompress(),
  // "deflate" means zlib (RFC 9110 section 8.4.1.2), but raw deflate is sent under that name too.
  deflate: (first) => isZlib(first) ? createInflate() : createInflateRaw(),
};

/** Codings of IANA's registry that are not undone here: pictures under them are none. */
const NOT_UNDONE = ["zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"];

/**
 * Decodes a body by its Content-Encoding; one that names none comes back as it is, and so does one under a
 * word that names no coding (`none`, `utf-8`, `binary`, `aws-chunked`), as in browsers: the bytes tell
 * whether they are a picture. The result errors with too_large beyond `maxBytes` and with bad_origin where
 * the coding is broken. Throws bad_origin for a coding that cannot be undone, or more than one. Deno's Brotli decoder takes a stream that was cut for a short one, so
 * that only the length of the transfer tells.
 */
export function decodeBody(
  body: ReadableStream<Uint8Array>,
  { encoding, maxBytes }: { encoding: string | undefined; maxBytes: number },
): ReadableStream<Uint8Array> {
  const codings = (encoding ?? "").toLowerCase().split(",").map((coding) => coding.trim())
    .filter((coding) => Object.hasOwn(DECODERS, coding) || NOT_UNDONE.includes(coding));
  const [coding] = codings;
  if (coding === undefined) return body;
  const create = codings.length === 1 && DECODERS[coding];
  if (!create) {
    throw new ProxyError(
      "bad_origin",
      `The origin's answer has the content encoding ${
        codings.join(", ").slice(0, 80)
      }, which is not undone here`,
    );
  }
  const chunks = decode(body, create, maxBytes);
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await chunks.return(undefined);
      await body.cancel(reason).catch(() => {});
    },
  }, { highWaterMark: 0 });
}

async function* decode(
  body: ReadableStream<Uint8Array>,
  create: (first: Uint8Array) => Transform,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  const first = await reader.read();
  // An empty body is no image, but neither is it broken.
  if (first.done) return reader.releaseLock();
  const decoder = create(first.value);
  let failure: { reason: unknown } | undefined;
  const feeding = feed(first.value).catch((reason) => {
    failure = { reason };
    decoder.destroy();
  });
  let total = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (cause) {
    if (failure) throw failure.reason;
    if (cause instanceof ProxyError) throw cause;
    throw new ProxyError("bad_origin", "The origin's answer is not encoded as it says", { cause });
  } finally {
    decoder.destroy();
    await reader.cancel().catch(() => {});
    await feeding;
    reader.releaseLock();
  }

  async function feed(start: Uint8Array): Promise<void> {
    for (let chunk: Uint8Array | undefined = start; chunk; chunk = (await reader.read()).value) {
      if (decoder.destroyed) return;
      if (!decoder.write(chunk)) await drained(decoder);
    }
    decoder.end();
  }
}

function drained(decoder: Transform): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of ["drain", "close", "error"]) decoder.removeListener(event, settle);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) decoder.once(event, settle);
  });
}

function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}
