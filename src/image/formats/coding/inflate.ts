// A zlib stream, of a PNG or a TIFF, as far as it can be read: browsers show what a file cut short, or damaged
// further on, still holds.
import { constants, createInflateRaw, inflateRawSync } from "node:zlib";

/** RFC 1950: two bytes before the deflate stream; what the checksum behind it says is not asked. */
const HEADER = 2;
/** Deflate makes no more of a byte (RFC 1951): a small file that claims much is given little room. */
const MOST_FROM_BYTE = 1032;
/** In steps of so many bytes, and about so many steps, what a damaged stream holds is given out. */
const STEP = { least: 64, most: 1024 }, STEPS = 1000;

/** At most so many bytes of the stream; fewer where it ends before, or cannot be read any further. */
export async function inflate(stream: Uint8Array, length: number): Promise<Uint8Array> {
  // A method other than 8, or a dictionary that nobody has.
  if ((stream[0]! & 15) !== 8 || (stream[1]! & 0x20) !== 0) return new Uint8Array();
  const deflated = stream.subarray(HEADER);
  const most = Math.min(length, deflated.length * MOST_FROM_BYTE);
  try {
    const whole = inflateRawSync(deflated, {
      finishFlush: constants.Z_SYNC_FLUSH,
      // All in one piece, or there would be a time when everything is there twice.
      chunkSize: Math.max(STEP.least, most + 1),
      maxOutputLength: most + 1,
    });
    return whole.subarray(0, most);
  } catch {
    return await inflateInSteps(deflated, most);
  }
}

/** What comes before the damage, or before more than was asked for. */
function inflateInSteps(deflated: Uint8Array, length: number): Promise<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const inflated = new Uint8Array(length);
  let filled = 0;
  const chunkSize = Math.max(STEP.least, Math.min(Math.ceil(length / STEPS), STEP.most));
  const inflate = createInflateRaw({ chunkSize, finishFlush: constants.Z_SYNC_FLUSH });
  inflate.on("data", (piece: Uint8Array) => {
    if (filled === length) return;
    const wanted = piece.subarray(0, length - filled);
    inflated.set(wanted, filled);
    filled += wanted.length;
    if (filled === length) inflate.destroy();
  });
  inflate.on("error", () => inflate.destroy());
  inflate.on("close", () => resolve(inflated.subarray(0, filled)));
  inflate.on("end", () => inflate.destroy());
  inflate.end(deflated);
  return promise;
}
