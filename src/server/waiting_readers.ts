// What waits in memory for clients that have stopped reading is bounded together: each answer alone is
// bounded, but not how many of them strangers ask for and leave lying.

export interface WaitingReaders {
  /**
   * Notes that a reader has stopped, and which memory its next bytes are in; has those let go who have waited
   * longest while more than `maxBytes` wait. Returns what to call when it reads on, or has left.
   */
  wait(memory: ArrayBufferLike, options: { maxBytes: number; letGo(): void }): () => void;
}

interface Waiting {
  readonly memory: ArrayBufferLike;
  letGo(): void;
}

export function createWaitingReaders(): WaitingReaders {
  /** Those who have waited longest come first. */
  const readers = new Set<Waiting>();
  /** How many of them wait for the same bytes, which are there once. */
  const shares = new Map<ArrayBufferLike, number>();
  let sum = 0;

  function enter(reader: Waiting): void {
    readers.add(reader);
    const share = shares.get(reader.memory) ?? 0;
    if (share === 0) sum += reader.memory.byteLength;
    shares.set(reader.memory, share + 1);
  }

  function leave(reader: Waiting): void {
    if (!readers.delete(reader)) return;
    const share = shares.get(reader.memory)! - 1;
    if (share > 0) return void shares.set(reader.memory, share);
    shares.delete(reader.memory);
    sum -= reader.memory.byteLength;
  }

  return {
    wait(memory, { maxBytes, letGo }) {
      const reader = { memory, letGo };
      enter(reader);
      // What only one piece of memory holds may be of any size: there is a limit for each alone.
      while (sum > maxBytes && shares.size > 1) {
        const [first] = readers;
        leave(first!);
        first!.letGo();
      }
      return () => leave(reader);
    },
  };
}
