// A file that is read bit by bit: what it was when it was opened, whatever becomes of its name.
import type { OpenValue } from "./store.ts";

/** Read at first, in bytes: what a frame says of itself, and what its type is told by. */
const BEGINNING = 64 * 1024;
/** Read at once after that: one trip to the disk's thread for each, and twice as much held for each reader. */
const PIECE = 256 * 1024;

/** Opens the file and reads its beginning; undefined if there is none. Rejects with the signal's reason. */
export async function openFile(
  path: string,
  signal: AbortSignal | undefined,
): Promise<OpenValue | undefined> {
  const file = await Deno.open(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  let reading = 0;
  let isClosed = false;
  let isReleased = false;

  /** Not under a read, which would fail. */
  function release(): void {
    if (!isClosed || isReleased || reading > 0) return;
    isReleased = true;
    file!.close();
  }
  function close(): void {
    isClosed = true;
    release();
  }
  async function read(bytes = PIECE): Promise<Uint8Array | undefined> {
    if (isClosed) return undefined;
    const piece = new Uint8Array(bytes);
    let length = 0;
    reading++;
    try {
      while (length < bytes) {
        const count = await file!.read(piece.subarray(length));
        if (count === null) break;
        length += count;
      }
    } finally {
      reading--;
      release();
    }
    return length > 0 ? piece.subarray(0, length) : undefined;
  }

  try {
    const { size } = await file.stat();
    const beginning = await read(BEGINNING) ?? new Uint8Array();
    signal?.throwIfAborted();
    return { size, beginning, read: () => read(), close };
  } catch (error) {
    close();
    throw error;
  }
}
