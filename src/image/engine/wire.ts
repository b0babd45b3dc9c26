// Messages between the server and the engine's process: a head of JSON, and bytes that follow it as they
// are. The other side may be in the hands of whoever made the last picture, so nothing here trusts a length.

/** The two ways of a connection. */
export interface Duplex {
  /** Reads some bytes into the array; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** A message: what JSON can say, and a picture. */
export interface Frame<Head = unknown> {
  head: Head;
  /** Its buffer is its own; undefined where there is none. */
  body: Uint8Array<ArrayBuffer> | undefined;
}

/** Two lengths of 32 bits, the second one more than that of the body, or 0 where there is none. */
const PREFIX = 8;
const MAX_HEAD = 1 << 20;
/** No original and no result is larger: V8 itself ends at 4 GB. */
const MAX_BODY = 2 ** 31;
/** A smaller body goes out in one piece with its head. */
const ONE_PIECE = 32_768;

/** The pieces in which a message goes out. */
export function encodeFrame(head: unknown, body?: Uint8Array): Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const isShort = body !== undefined && body.length <= ONE_PIECE;
  const first = new Uint8Array(PREFIX + json.length + (isShort ? body.length : 0));
  const prefix = new DataView(first.buffer);
  prefix.setUint32(0, json.length);
  prefix.setUint32(4, body === undefined ? 0 : body.length + 1);
  first.set(json, PREFIX);
  if (isShort) first.set(body, PREFIX + json.length);
  return body === undefined || isShort ? [first] : [first, body];
}

/** Writes all of some bytes. Rejects where the other side is gone. */
export async function writeAll(to: Duplex, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Sends messages one after another, in the order in which they were given. */
export function createFrameWriter(
  to: Duplex,
): (head: unknown, body?: Uint8Array) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (head, body) => {
    // Taken down at once: what is sent must not change while it waits.
    const pieces = encodeFrame(head, body);
    return last = last.then(async () => {
      for (const piece of pieces) await writeAll(to, piece);
    });
  };
}

/** Reads messages one after another; undefined at the end. Rejects on what is no message. */
export function createFrameReader(from: Duplex): () => Promise<Frame | undefined> {
  const held = new Uint8Array(ONE_PIECE * 2);
  let start = 0, end = 0;

  /** Fills the array; false where the end comes first. */
  async function fill(into: Uint8Array): Promise<boolean> {
    let at = Math.min(end - start, into.length);
    into.set(held.subarray(start, start + at));
    start += at;
    while (at < into.length) {
      const rest = into.subarray(at);
      // What is large goes where it belongs; small things come together, and are read together.
      const isLarge = rest.length >= held.length;
      const count = await from.read(isLarge ? rest : held);
      if (count === null) return false;
      const taken = Math.min(count, rest.length);
      if (!isLarge) {
        rest.set(held.subarray(0, taken));
        [start, end] = [taken, count];
      }
      at += taken;
    }
    return true;
  }

  return async () => {
    const prefix = new Uint8Array(PREFIX);
    if (!await fill(prefix)) return undefined;
    const view = new DataView(prefix.buffer);
    const headLength = view.getUint32(0), bodyLength = view.getUint32(4) - 1;
    if (headLength > MAX_HEAD || bodyLength > MAX_BODY) {
      throw new Error(`A message of ${headLength} and ${bodyLength} bytes is none of ours`);
    }
    const json = new Uint8Array(headLength);
    if (!await fill(json)) return undefined;
    const head: unknown = JSON.parse(new TextDecoder().decode(json));
    if (bodyLength < 0) return { head, body: undefined };
    const body = new Uint8Array(bodyLength);
    return await fill(body) ? { head, body } : undefined;
  };
}
