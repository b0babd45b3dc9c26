// Messages between the server and the engine's process: a head of JSON, and pictures that follow it as they
// are. The other side may be in the hands of whoever made the last picture, so nothing here trusts a length.

/** The two ways of a connection. */
export interface Duplex {
  /** Reads some bytes into the array; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes some of the bytes and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** A message: what JSON can say, and pictures. */
export interface Frame<Head = unknown> {
  head: Head;
  /** Each with a buffer of its own, which may be longer. */
  bodies: Uint8Array<ArrayBuffer>[];
}

/** The length of the head and the number of bodies, in 32 bits each; the lengths of the bodies follow likewise. */
const PREFIX = 8;
const MAX_HEAD = 1 << 20;
/** No job comes with more. */
const MAX_BODIES = 16;
/** The bodies of no message are larger together: V8 itself ends at 4 GB. */
const MAX_BYTES = 2 ** 31;
/** Smaller bodies go out in one piece with their head. */
const ONE_PIECE = 32_768;

/** The pieces in which a message goes out. */
export function encodeFrame(head: unknown, bodies: readonly Uint8Array[] = []): Uint8Array[] {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const start = PREFIX + 4 * bodies.length + json.length;
  const isShort = bodies.reduce((sum, { length }) => sum + length, 0) <= ONE_PIECE;
  const [own, apart] = isShort ? [bodies, []] : [[], bodies];
  const first = new Uint8Array(own.reduce((sum, { length }) => sum + length, start));
  const prefix = new DataView(first.buffer);
  prefix.setUint32(0, json.length);
  prefix.setUint32(4, bodies.length);
  bodies.forEach(({ length }, index) => prefix.setUint32(PREFIX + 4 * index, length));
  first.set(json, start - json.length);
  let at = start;
  for (const body of own) {
    first.set(body, at);
    at += body.length;
  }
  return [first, ...apart];
}

/** Writes all of some bytes. Rejects where the other side is gone. */
export async function writeAll(to: Duplex, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** Sends messages one after another, in the order in which they were given. */
export function createFrameWriter(
  to: Duplex,
): (head: unknown, bodies?: readonly Uint8Array[]) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (head, bodies) => {
    // Taken down at once: what is sent must not change while it waits.
    const pieces = encodeFrame(head, bodies);
    return last = last.then(async () => {
      for (const piece of pieces) await writeAll(to, piece);
    });
  };
}

/** Where a body of so many bytes goes. */
export type RoomFor = (length: number) => Uint8Array<ArrayBuffer>;

/** Reads messages one after another; undefined at the end. Rejects on what is no message. */
export function createFrameReader(
  from: Duplex,
  roomFor: RoomFor = (length) => new Uint8Array(length),
): () => Promise<Frame | undefined> {
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
    const headLength = view.getUint32(0), count = view.getUint32(4);
    if (headLength > MAX_HEAD || count > MAX_BODIES) throw none(headLength, count);
    const lengths = new Uint8Array(4 * count), json = new Uint8Array(headLength);
    if (!await fill(lengths) || !await fill(json)) return undefined;
    const head: unknown = JSON.parse(new TextDecoder().decode(json));
    const bodies: Uint8Array<ArrayBuffer>[] = [];
    let room = MAX_BYTES;
    for (let index = 0; index < count; index++) {
      const length = new DataView(lengths.buffer).getUint32(4 * index);
      room -= length;
      if (room < 0) throw none(headLength, length);
      const body = roomFor(length);
      if (!await fill(body)) return undefined;
      bodies.push(body);
    }
    return { head, bodies };
  };
}

function none(...lengths: number[]): Error {
  return new Error(`A message of ${lengths.join(" and ")} is none of ours`);
}
