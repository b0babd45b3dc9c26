// The best quality whose bytes fit. Each try costs an encode, so that there are few.
import { ProxyError } from "../../../errors.ts";

/** Halvings of the range of qualities: with 100 of them, 7 tries leave no doubt. */
const MOST_TRIES = 7;

/**
 * Writes at `best`, and if that is too large at the highest quality found from `lowest` that fits.
 * Rejects with a ProxyError "too_large" where not even the lowest does.
 */
export async function fitBytes(
  write: (quality: number) => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>,
  { best, lowest, maxBytes }: { best: number; lowest: number; maxBytes: number },
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = await write(best);
  if (bytes.length <= maxBytes) return bytes;
  let fitting: Uint8Array<ArrayBuffer> | undefined;
  let low = lowest, high = best - 1;
  for (let tries = 0; low <= high && tries < MOST_TRIES; tries++) {
    const quality = Math.floor((low + high) / 2);
    bytes = await write(quality);
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
    `The image does not fit into ${maxBytes} bytes: at the lowest quality it takes ${bytes.length}. ` +
      "Ask for a smaller size or another format",
  );
}
