// What a JPEG file of any number of scans says, read on from scan to scan in libjpeg's way, and as strictly: what
// that gives up at is where all programs stop, and show what they have by then. Huffman codes and 8 bits only.
import { EOI, nextSegment, type Segment, SOI, SOS } from "./jpeg_segments.ts";
import { type HuffmanCodes, readHuffmanTables, readQuantityTables } from "./jpeg_tables.ts";
import { STANDARD_CODES } from "./standard_codes.ts";
import { ZIGZAG } from "./zigzag.ts";

export interface Frame {
  width: number;
  height: number;
  isProgressive: boolean;
  components: readonly FrameComponent[];
  /** The most blocks per MCU of any component. */
  across: number;
  down: number;
}

export interface FrameComponent {
  id: number;
  across: number;
  down: number;
  table: number;
}

/** What the samples of a frame are. */
export type Samples = "grey" | "ycc" | "rgb" | "cmyk" | "ycck";

export interface ScanComponent {
  /** Its index in the frame. */
  index: number;
  dc: HuffmanCodes | undefined;
  ac: HuffmanCodes | undefined;
}

export interface Scan {
  components: readonly ScanComponent[];
  /** The coefficients that it brings, in the order of the file. */
  from: number;
  to: number;
  /** The bit from which on they have been brought before, 0 for none, and that down to which it brings them. */
  high: number;
  low: number;
  restartInterval: number;
  dataAt: number;
}

export interface ScanFile {
  /** Reads on from there to the next scan; undefined where there is none, for good reason or not. */
  next(at: number): Scan | undefined;
  /** Whether it was no good reason: not the end of the picture. */
  isBroken(): boolean;
  frame(): Frame | undefined;
  samples(): Samples;
  /** What the coefficients of a component are multiplied by, by their places, as far as it is known now. */
  quantities(component: FrameComponent): Uint16Array | undefined;
}

const SOF0 = 0xc0, SOF2 = 0xc2, DHT = 0xc4, DQT = 0xdb, DRI = 0xdd, DNL = 0xdc, COM = 0xfe;
const APP0 = 0xe0, APP14 = 0xee, APP15 = 0xef;
/** Tables of a kind, and components, of which there are so many at most; and blocks of an MCU. */
const MOST_TABLES = 4, MOST_COMPONENTS = 4, MOST_BLOCKS = 10;
const LETTER_R = 0x52;

/** A reader of the file's segments, before the first. */
export function createScanFile(bytes: Uint8Array): ScanFile {
  const quantities = new Map<number, Uint16Array>();
  const codes = new Map<number, HuffmanCodes>();
  let frame: Frame | undefined;
  let restartInterval = 0;
  let hasJfif = false;
  let adobeTransform: number | undefined;
  let isBroken = false;

  /** Takes in a segment that is no scan; whether the file can be read on. */
  function take({ marker, body, end }: Segment): boolean {
    const content = bytes.subarray(body, end);
    if (marker === DQT) return readQuantities(content, quantities);
    if (marker === DHT) return readCodes(content, codes);
    if (marker === DRI) {
      if (content.length === 2) restartInterval = content[0]! << 8 | content[1]!;
      return content.length === 2;
    }
    if (marker >= SOF0 && marker <= SOF2) {
      const isFirst = frame === undefined;
      frame ??= readFrame(content, marker === SOF2);
      return isFirst && frame !== undefined;
    }
    if (marker === APP0) hasJfif ||= content.length >= 14 && startsWith(content, "JFIF\0");
    if (marker === APP14 && content.length >= 12 && startsWith(content, "Adobe")) {
      adobeTransform = content[11];
    }
    return (marker >= APP0 && marker <= APP15) || marker === COM || marker === DNL;
  }

  return {
    next(at) {
      while (true) {
        const segment = nextSegment(bytes, at);
        if (segment?.marker === EOI) return undefined;
        const isWhole = segment && segment.marker !== SOI && segment.end <= bytes.length;
        if (isWhole && segment.marker === SOS) {
          const content = bytes.subarray(segment.body, segment.end);
          const read = frame && readScan(content, { frame, codes });
          isBroken = read === undefined;
          return read && { ...read, restartInterval, dataAt: segment.end };
        }
        isBroken = !isWhole || !take(segment);
        if (isBroken) return undefined;
        at = segment!.end;
      }
    },
    isBroken: () => isBroken,
    frame: () => frame,
    samples: () => samplesOf(frame!, { hasJfif, adobeTransform }),
    quantities: ({ table }) => quantities.get(table),
  };
}

function startsWith(content: Uint8Array, text: string): boolean {
  return [...text].every((char, index) => content[index] === char.charCodeAt(0));
}

function readQuantities(content: Uint8Array, tables: Map<number, Uint16Array>): boolean {
  return readQuantityTables(content, ({ index, quantities }) => {
    if (index >= MOST_TABLES) return false;
    const table = new Uint16Array(64);
    for (const [k, place] of ZIGZAG.entries()) table[place] = quantities[k]!;
    tables.set(index, table);
    return true;
  });
}

function readCodes(content: Uint8Array, tables: Map<number, HuffmanCodes>): boolean {
  return readHuffmanTables(content, (index, codes) => {
    if ((index & 15) >= MOST_TABLES || index >> 4 >= 2) return false;
    tables.set(index, codes);
    return true;
  });
}

function readFrame(content: Uint8Array, isProgressive: boolean): Frame | undefined {
  const [bitDepth, h1 = 0, h0 = 0, w1 = 0, w0 = 0, count = 0] = content;
  const height = h1 << 8 | h0, width = w1 << 8 | w0;
  if (bitDepth !== 8 || width === 0 || height === 0) return undefined;
  if (![1, 3, 4].includes(count) || content.length !== 6 + count * 3) return undefined;
  const components = Array.from({ length: count }, (_, index) => {
    const [id = 0, sampling = 0, table = 0] = content.subarray(6 + index * 3);
    return { id, across: sampling >> 4, down: sampling & 15, table };
  });
  const across = Math.max(...components.map((component) => component.across));
  const down = Math.max(...components.map((component) => component.down));
  // Nobody enlarges by a half or by thirds.
  const isUsual = components.every((component) =>
    component.across >= 1 && component.down >= 1 && across <= 4 && down <= 4 &&
    across % component.across === 0 && down % component.down === 0
  );
  return isUsual ? { width, height, isProgressive, components, across, down } : undefined;
}

function readScan(
  content: Uint8Array,
  { frame, codes }: { frame: Frame; codes: ReadonlyMap<number, HuffmanCodes> },
): Omit<Scan, "restartInterval" | "dataAt"> | undefined {
  const count = content[0] ?? 0;
  if (count < 1 || count > MOST_COMPONENTS || content.length !== 4 + count * 2) return undefined;
  const components: ScanComponent[] = [];
  let blocks = 0;
  const codesOf = (index: number) =>
    codes.get(index) ?? (frame.isProgressive ? undefined : STANDARD_CODES.get(index));
  for (let nth = 0; nth < count; nth++) {
    const id = content[1 + nth * 2]!, tables = content[2 + nth * 2]!;
    const isTaken = (index: number) => components.some((component) => component.index === index);
    const index = frame.components.findIndex((component, index) =>
      component.id === id && !isTaken(index)
    );
    const own = frame.components[index];
    if (!own) return undefined;
    blocks += own.across * own.down;
    components.push({ index, dc: codesOf(tables >> 4), ac: codesOf(16 | tables & 15) });
  }
  if (count > 1 && blocks > MOST_BLOCKS) return undefined;
  const [from = 0, to = 0, bits = 0] = content.subarray(content.length - 3);
  if (!frame.isProgressive) {
    const hasCodes = components.every(({ dc, ac }) => areDc(dc) && areCodes(ac));
    return hasCodes ? { components, from: 0, to: 63, high: 0, low: 0 } : undefined;
  }
  const scan = { components, from, to, high: bits >> 4, low: bits & 15 };
  return isLegal(scan) ? scan : undefined;
}

/** Whether a progressive scan is one that may be, and has the codes that it needs (T.81 G.1.1.1). */
function isLegal({ components, from, to, high, low }: Omit<Scan, "restartInterval" | "dataAt">) {
  const isBand = from === 0 ? to === 0 : from <= to && to < 64 && components.length === 1;
  if (!isBand || (high !== 0 && low !== high - 1) || low > 13) return false;
  if (from > 0) return areCodes(components[0]!.ac);
  return high !== 0 || components.every(({ dc }) => areDc(dc));
}

function areDc(codes: HuffmanCodes | undefined): boolean {
  return areCodes(codes) && codes!.symbols.every((symbol) => symbol <= 15);
}

/** Whether there are no more codes of a length than there can be, the one of ones alone left free (T.81 annex C). */
function areCodes(codes: HuffmanCodes | undefined): boolean {
  let code = 0;
  return codes !== undefined && codes.counts.every((count, index) => {
    code += count;
    const fits = count === 0 || code < 2 ** (index + 1);
    code *= 2;
    return fits;
  });
}

/** As libjpeg guesses it. */
function samplesOf(
  { components }: Frame,
  { hasJfif, adobeTransform }: { hasJfif: boolean; adobeTransform: number | undefined },
): Samples {
  if (components.length === 1) return "grey";
  if (components.length === 4) return adobeTransform ? "ycck" : "cmyk";
  if (hasJfif) return "ycc";
  if (adobeTransform !== undefined) return adobeTransform === 0 ? "rgb" : "ycc";
  return components[0]!.id === LETTER_R ? "rgb" : "ycc";
}
