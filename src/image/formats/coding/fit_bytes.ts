// The best quality whose bytes fit. Each try costs an encode, so that there are few.
import { ProxyError } from "../../../errors.ts";

/** Halvings of the range of qualities, after the first try: with 100 of them, 7 leave no doubt. */
export const MOST_TRIES = 7;

export interface FitOptions {
  best: number;
  lowest: number;
  maxBytes: number;
  /** When all has to be done, by `now`, which is in milliseconds; there is time enough unless told. */
  deadline?: number;
  now(): number;
}

/**
 * Writes at `best`, and if that is too large at the highest quality found from `lowest` that fits. Rejects with
 * a ProxyError "too_large" where not even the lowest does, or none is found in time.
 */
export async function fitBytes(
  write: (quality: number) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
  { best, lowest, maxBytes, deadline = Infinity, now }: FitOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  let longest = 0;
  async function tryAt(quality: number): Promise<Uint8Array<ArrayBuffer>> {
    const started = now();
    const bytes = await write(quality);
    longest = Math.max(longest, now() - started);
    return bytes;
  }
  const isTimeForAnother = () => now() + longest <= deadline;

  let bytes = await tryAt(best);
  if (bytes.length <= maxBytes) return bytes;
  let fitting: Uint8Array<ArrayBuffer> | undefined;
  let low = lowest, high = best - 1;
  for (let tries = 0; low <= high && tries < MOST_TRIES; tries++) {
    if (!isTimeForAnother()) break;
    const quality = Math.floor((low + high) / 2);
    bytes = await tryAt(quality);
    if (bytes.length <= maxBytes) {
      fitting = bytes;
      low = quality + 1;
    } else {
      high = quality - 1;
    }
  }
  if (fitting) return fitting;
  throw new ProxyError(
    "too_large",
    low > high
      ? `The image does not fit into ${maxBytes} bytes: at the lowest quality it takes ${bytes.length}. ` +
        "Ask for a smaller size or another format"
      : `The time does not suffice to fit the image into ${maxBytes} bytes: it has ${bytes.length} so far. ` +
        "Ask for a smaller size or another format",
  );
}
