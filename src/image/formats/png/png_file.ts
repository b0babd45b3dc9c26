// What a PNG decoder needs of a file: the chunks that make up its pixels, whatever else it holds.
import { undecodable } from "../reading/image_header.ts";
import { readChunks } from "./chunks.ts";
import type { ColourType } from "./rows/colour_types.ts";

export interface PngFile {
  width: number;
  height: number;
  /** Of a sample as stored: 1, 2, 4, 8 or 16. */
  bitDepth: number;
  colourType: ColourType;
  isInterlaced: boolean;
  /** Red, green and blue of each index. */
  palette: Uint8Array | undefined;
  /** The tRNS chunk: the alpha of each index, or the samples that stand for nothing. */
  transparency: Uint8Array | undefined;
  /** The compressed pixels, as far as they are there, in as many pieces as the file has them. */
  data: readonly Uint8Array[];
  /** Whether all that makes up the pixels is there, under the right checksums, to the end. */
  isSound: boolean;
  /** Whether the file ends before its end. */
  isCut: boolean;
}

/** The bit depths that go with each colour type (W3C PNG 3rd edition, table 11.1). */
const DEPTHS: Readonly<Record<ColourType, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Reads a file whose header has been read before. Throws "undecodable" for what no PNG can be. */
export function readPngFile(bytes: Uint8Array): PngFile {
  const parts: Uint8Array[] = [];
  let header: Uint8Array | undefined, palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  let isSound = true, hasEnd = false;
  for (const chunk of readChunks(bytes)) {
    const { type, data } = chunk;
    if (type === "IDAT") parts.push(data);
    else if (type === "IHDR") header ??= data;
    else if (type === "PLTE") palette ??= data;
    else if (type === "tRNS" && parts.length === 0) transparency ??= data;
    else if (type !== "IEND") continue;
    hasEnd ||= type === "IEND";
    isSound &&= chunk.isSound();
  }
  const file = {
    ...readIhdr(header!),
    palette,
    transparency,
    isSound: isSound && hasEnd,
    isCut: !hasEnd,
  };
  if (file.colourType === 3 && !palette) throw undecodable("The PNG file has no palette");
  return { ...file, data: parts };
}

function readIhdr(data: Uint8Array) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bitDepth = data[8]!, colourType = data[9]! as ColourType;
  const [compression, filters, interlacing] = data.subarray(10, 13);
  if (!DEPTHS[colourType]?.includes(bitDepth)) {
    throw undecodable(`The PNG file has ${bitDepth} bits in the colour type ${colourType}`);
  }
  if (compression !== 0 || filters !== 0 || interlacing! > 1) {
    throw undecodable("The PNG file is compressed in a way that does not exist");
  }
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    bitDepth,
    colourType,
    isInterlaced: interlacing === 1,
  };
}
