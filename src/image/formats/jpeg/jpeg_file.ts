// The segments of a JPEG file of the kind that we decode ourselves: baseline, Huffman, 8 bits, grey or
// YCbCr, one scan. Whatever else there is, or is wrong, is left to the engine.
import { type HuffmanCodes, readHuffmanTables, readQuantityTables } from "./jpeg_tables.ts";

export interface JpegFile {
  width: number;
  height: number;
  components: readonly JpegComponent[];
  /** MCUs between two restart markers; 0 for none. */
  restartInterval: number;
  /** Where the scan's data starts. */
  scanAt: number;
}

export interface JpegComponent {
  /** Blocks per MCU. */
  across: number;
  down: number;
  /** In the order of the file. */
  quantities: Uint16Array;
  dc: HuffmanCodes;
  ac: HuffmanCodes;
}

interface Frame {
  width: number;
  height: number;
  components: { id: number; across: number; down: number; table: number }[];
}

const SOF0 = 0xc0, SOF1 = 0xc1, DHT = 0xc4, SOS = 0xda, DQT = 0xdb, DRI = 0xdd, APP14 = 0xee;
/** Frames of other kinds, arithmetic coding, further pictures, the end. */
const FOREIGN = [0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf];

/** Reads up to the first scan; undefined for what is not of that kind. */
export function readJpegFile(bytes: Uint8Array): JpegFile | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const quantities = new Map<number, Uint16Array>();
  const codes = new Map<number, HuffmanCodes>();
  let frame: Frame | undefined;
  let restartInterval = 0;
  let isYcc = true;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    const start = at + 4;
    at += 2 + view.getUint16(at + 2);
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9) || at > bytes.length) return undefined;
    const body = bytes.subarray(start, at);
    if (FOREIGN.includes(marker)) return undefined;
    if (marker === DQT && !readQuantities(body, quantities)) return undefined;
    if (marker === DHT && !readCodes(body, codes)) return undefined;
    if (marker === DRI) restartInterval = body.length === 2 ? view.getUint16(start) : 0;
    if (marker === APP14 && body.length >= 12 && body[0] === 0x41) isYcc = body[11] === 1;
    if (marker === SOF0 || marker === SOF1) {
      if (frame) return undefined;
      frame = readFrame(body);
      if (!frame) return undefined;
    }
    if (marker === SOS) {
      if (!frame || (frame.components.length === 3 && !isYcc)) return undefined;
      const components = readScan(body, { frame, quantities, codes });
      const { width, height } = frame;
      return components && { width, height, components, restartInterval, scanAt: at };
    }
  }
  return undefined;
}

function readQuantities(body: Uint8Array, tables: Map<number, Uint16Array>): boolean {
  return readQuantityTables(body, ({ precision, index, quantities }) => {
    if (precision > 1) return false;
    tables.set(index, quantities);
    return true;
  });
}

function readCodes(body: Uint8Array, tables: Map<number, HuffmanCodes>): boolean {
  return readHuffmanTables(body, (index, codes) => {
    // No more codes of a length than there are; the kernel's arithmetic counts on it.
    let free = 1;
    for (const count of codes.counts) {
      free = free * 2 - count;
      if (free < 0) return false;
    }
    // A difference of 8-bit samples has 11 bits at most (T.81 table F.1).
    if (index < 16 && codes.symbols.some((symbol) => symbol > 11)) return false;
    tables.set(index, codes);
    return true;
  });
}

function readFrame(body: Uint8Array): Frame | undefined {
  const [precision, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = body;
  if (precision !== 8 || (count !== 1 && count !== 3) || body.length !== 6 + count * 3) {
    return undefined;
  }
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, sampling = 0, table = 0] = body.subarray(6 + index * 3);
    return { id, across: sampling >> 4, down: sampling & 15, table };
  });
  const [width, height] = [w1 << 8 | w0, h1 << 8 | h0];
  if (width === 0 || height === 0) return undefined;
  // A picture of one component has one block per MCU, whatever its sampling says (T.81 A.2.2).
  if (count === 1) {
    return { width, height, components: [{ ...components[0]!, across: 1, down: 1 }] };
  }
  const [luma, blue, red] = components;
  const isKnown =
    [[1, 1], [2, 1], [2, 2]].some(([across, down]) =>
      luma!.across === across && luma!.down === down
    ) && [blue!, red!].every(({ across, down }) => across === 1 && down === 1);
  // Components called R, G and B are no luma and chroma.
  return isKnown && luma!.id !== 0x52 ? { width, height, components } : undefined;
}

function readScan(
  body: Uint8Array,
  { frame, quantities, codes }: {
    frame: Frame;
    quantities: ReadonlyMap<number, Uint16Array>;
    codes: ReadonlyMap<number, HuffmanCodes>;
  },
): JpegComponent[] | undefined {
  const { components } = frame;
  if (body[0] !== components.length || body.length !== 4 + components.length * 2) return undefined;
  const [first, last, approximation] = body.subarray(body.length - 3);
  if (first !== 0 || last !== 63 || approximation !== 0) return undefined;
  const read: JpegComponent[] = [];
  for (const [index, { id, across, down, table }] of components.entries()) {
    const tables = body[2 + index * 2]!;
    const dc = codes.get(tables >> 4);
    const ac = codes.get(16 | tables & 15);
    const quantity = quantities.get(table);
    if (body[1 + index * 2] !== id || !dc || !ac || !quantity) return undefined;
    read.push({ across, down, quantities: quantity, dc, ac });
  }
  return read;
}
