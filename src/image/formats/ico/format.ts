// ICO and CUR in the table of formats. The engine reads none.
import type { Format } from "../coding/format.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { readIco } from "./header.ts";

export const ICO = {
  name: "ICO",
  mediaType: "image/x-icon",
  extensions: ["ico", "cur"],
  kinds: "icons and cursors; the largest picture, and of several as large the deepest",
  recognition: { maxSteps: 100_000, matches: isIco, readHeader: readIco },
  decoding: {},
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;

/** The magic of icons and cursors is four common bytes, so its first entry must make sense too. */
function isIco(reader: ByteReader): boolean {
  if (!["\0\0\x01\0", "\0\0\x02\0"].some((magic) => reader.has(0, magic))) return false;
  if (reader.length < 22) return false;
  const count = reader.u16(4, true), offset = reader.u32(18, true);
  return count > 0 && offset >= 6 + 16 * count;
}
