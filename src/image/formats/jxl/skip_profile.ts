// The ICC profile of a JPEG XL file: its end is known only to one who has read all of it (ISO 18181-1 annex E.4).
import type { BitReader } from "../reading/bit_reader.ts";
import { undecodable } from "../reading/image_header.ts";
import { readU64 } from "./jxl_fields.ts";
import { damaged } from "./prefix_code.ts";
import { readNumberReader } from "./symbols.ts";

/** Bytes of a coded profile: more than any of a printer has. */
const MOST_BYTES = 2 << 20;
const CONTEXTS = 41, HEADER = 128;

/** Passes over a profile. Throws `undecodable` where it is damaged, or too long. */
export function skipProfile(stream: BitReader): void {
  const size = readU64(stream);
  if (size > MOST_BYTES) {
    throw undecodable(`The JPEG XL file has a profile of more than ${MOST_BYTES} bytes`);
  }
  const numbers = readNumberReader(stream, CONTEXTS);
  let last = 0, before = 0;
  for (let at = 0; at < size; at++) {
    const context = at <= HEADER ? 0 : 1 + KIND_OF_LAST[last]! + 8 * KIND_BEFORE[before]!;
    const byte = numbers.read(context);
    if (byte > 255) throw damaged();
    [before, last] = [last, byte];
  }
  if (!numbers.isAtEnd()) throw damaged();
}

/** What each byte says of the next one. */
const KIND_OF_LAST = Uint8Array.from(
  { length: 256 },
  (_, byte) =>
    kindOfText(byte) ??
      (byte < 2 ? 2 + byte : byte < 16 ? 4 : byte === 255 ? 6 : byte > 240 ? 5 : 7),
);
/** What it says of the one behind that. */
const KIND_BEFORE = Uint8Array.from(
  { length: 256 },
  (_, byte) => kindOfText(byte) ?? (byte < 16 ? 2 : byte > 240 ? 3 : 4),
);

/** Letters, or digits and what stands among them. */
function kindOfText(byte: number): number | undefined {
  const character = String.fromCharCode(byte);
  return /[a-z]/i.test(character) ? 0 : /[\d.,]/.test(character) ? 1 : undefined;
}
