// What the bytes are, told by their own signature, and what their header says.

import { type ByteReader, createReader } from "./reading/byte_reader.ts";
import type { HeaderFacts } from "./reading/image_header.ts";
import { FORMAT_NAMES, type FormatName, formatOf } from "./table.ts";

export interface ImageHeader extends HeaderFacts {
  format: FormatName;
  mediaType: `image/${string}`;
}

/**
 * The header of a picture in one of the formats that may be decoded, or passed through (SVG);
 * undefined for any other bytes. Throws `undecodable` where the header is damaged. The time it takes
 * is bounded whatever the bytes, and nothing of them is copied. Of a file of pages the sizes are those of
 * the page of this index, the first unless told.
 */
export function readHeader(bytes: Uint8Array, page = 0): ImageHeader | undefined {
  const found = recognise(bytes);
  if (!found) return undefined;
  const facts = formatOf(found.name).recognition.readHeader(found.reader, page);
  const format = (facts.format ?? found.name) as FormatName;
  return { ...facts, format, mediaType: formatOf(format).mediaType };
}

/** Nothing that tells the media type stands after so many bytes: an SVG may have a long prolog. */
export const SNIFFED_BYTES = Math.max(
  ...FORMAT_NAMES.map((name) => formatOf(name).recognition.within ?? 64),
);

/** The media type that the bytes' own signature tells, however damaged the rest is; undefined for no image. */
export function sniffMediaType(bytes: Uint8Array): `image/${string}` | undefined {
  const found = recognise(bytes);
  return found && formatOf(found.name).mediaType;
}

function recognise(bytes: Uint8Array): { name: FormatName; reader: ByteReader } | undefined {
  for (const name of FORMAT_NAMES) {
    const { name: title, recognition } = formatOf(name);
    const { maxSteps, name: file = title } = recognition;
    const reader = createReader(bytes, { name: file, maxSteps });
    if (recognition.matches(reader)) return { name, reader };
  }
  return undefined;
}
