// A grid may be made of the same tile again and again, which is one item that its reference names as often. The
// engine takes that for damage: every time but the first gets an item of its own, with the same data and
// properties (ISO 14496-12 sections 8.11.3, 8.11.6 and 8.11.12, ISO 23008-12 section 9.3).

import type { ByteReader } from "../reading/byte_reader.ts";
import { type Box, readBoxes, readFullBox } from "../reading/isobmff.ts";

/** An item and the one that it is the same as. */
interface Twin {
  id: number;
  of: number;
}

/** A `meta` box to take the place of this one; undefined where no reference names an item twice. */
export function unrepeated(reader: ByteReader, meta: Box): Uint8Array | undefined {
  const parts = [...readBoxes(reader, { start: meta.start + 4, end: meta.end })];
  const iref = parts.find(({ type }) => type === "iref");
  if (!iref) return undefined;
  const twins: Twin[] = [];
  const references = renumbered(reader, iref, twins);
  if (!references) return undefined;
  const bytesOf = ({ at, end }: Box) => reader.bytes.subarray(at, end);
  const bodies = parts.map((part) => {
    if (part === iref) return references;
    if (part.type === "iinf") return withInfos(reader, part, twins);
    if (part.type === "iloc") return withLocations(reader, part, twins);
    if (part.type === "iprp") return withAssociations(reader, part, twins);
    return bytesOf(part);
  });
  return boxOf("meta", [reader.bytes.subarray(meta.start, meta.start + 4), ...bodies]);
}

/** The references with numbers of their own for what is named again; undefined where nothing is. */
function renumbered(reader: ByteReader, iref: Box, twins: Twin[]): Uint8Array | undefined {
  const { version, at } = readFullBox(reader, iref);
  const size = version === 0 ? 2 : 4;
  const read = (place: number) => size === 2 ? reader.u16(place) : reader.u32(place);
  // Numbers from the top of the range, which writers do not come near.
  let free = size === 2 ? 0xffff : 0xffff_ffff;
  let isChanged = false;
  const boxes = [...readBoxes(reader, { start: at, end: iref.end })].map((reference) => {
    const { type, start } = reference;
    const count = reader.u16(start + size);
    const ids = Array.from({ length: count }, (_, index) => {
      reader.step();
      return read(start + size + 2 + index * size);
    });
    const seen = new Set<number>();
    const own = ids.flatMap((of) => {
      if (!seen.has(of)) {
        seen.add(of);
        return [of];
      }
      isChanged = true;
      // To say twice that a thumbnail is one says nothing more.
      if (type !== "dimg") return [];
      twins.push({ id: free, of });
      return [free--];
    });
    const content = [read(start), ...own].map((id) => number(id, size));
    return boxOf(type, [content[0]!, number(own.length, 2), ...content.slice(1)]);
  });
  if (!isChanged) return undefined;
  return boxOf("iref", [reader.bytes.subarray(iref.start, iref.start + 4), ...boxes]);
}

function withInfos(reader: ByteReader, iinf: Box, twins: readonly Twin[]): Uint8Array {
  const { version, at } = readFullBox(reader, iinf);
  const size = version === 0 ? 2 : 4;
  const entries = [...readBoxes(reader, { start: at + size, end: iinf.end })];
  const infos = entries.map(({ at, end }) => reader.bytes.subarray(at, end));
  const added = twins.flatMap(({ id, of }) => {
    const index = entries.findIndex((entry) => {
      const { version, at } = readFullBox(reader, entry);
      return (version === 2 ? reader.u16(at) : reader.u32(at)) === of;
    });
    if (index === -1) return [];
    const { version, at } = readFullBox(reader, entries[index]!);
    const info = infos[index]!.slice();
    info.set(number(id, version === 2 ? 2 : 4), at - entries[index]!.at);
    return [info];
  });
  return boxOf("iinf", [
    reader.bytes.subarray(iinf.start, iinf.start + 4),
    number(entries.length + added.length, size),
    ...infos,
    ...added,
  ]);
}

function withLocations(reader: ByteReader, iloc: Box, twins: readonly Twin[]): Uint8Array {
  const { version, at: start } = readFullBox(reader, iloc);
  const idSize = version < 2 ? 2 : 4;
  const [offsetSize, lengthSize] = [reader.u8(start) >>> 4, reader.u8(start) & 15];
  const [baseSize, indexSize] = [
    reader.u8(start + 1) >>> 4,
    version === 0 ? 0 : reader.u8(start + 1) & 15,
  ];
  const count = idSize === 2 ? reader.u16(start + 2) : reader.u32(start + 2);
  const entries: { id: number; bytes: Uint8Array }[] = [];
  let at = start + 2 + idSize;
  for (let index = 0; index < count; index++) {
    reader.step();
    const from = at;
    const id = idSize === 2 ? reader.u16(at) : reader.u32(at);
    at += idSize + (version === 0 ? 0 : 2) + 2 + baseSize;
    at += 2 + reader.u16(at) * (indexSize + offsetSize + lengthSize);
    entries.push({ id, bytes: reader.bytes.subarray(from, at) });
  }
  const added = twins.flatMap(({ id, of }) => {
    const entry = entries.find((each) => each.id === of)?.bytes.slice();
    entry?.set(number(id, idSize));
    return entry ?? [];
  });
  return boxOf("iloc", [
    reader.bytes.subarray(iloc.start, start + 2),
    number(count + added.length, idSize),
    ...entries.map(({ bytes }) => bytes),
    ...added,
  ]);
}

function withAssociations(reader: ByteReader, iprp: Box, twins: readonly Twin[]): Uint8Array {
  const parts = [...readBoxes(reader, iprp)].map((part) => {
    if (part.type !== "ipma") return reader.bytes.subarray(part.at, part.end);
    const { version, flags, at: start } = readFullBox(reader, part);
    const idSize = version === 0 ? 2 : 4, indexSize = (flags & 1) === 1 ? 2 : 1;
    const count = reader.u32(start);
    const entries: { id: number; bytes: Uint8Array }[] = [];
    for (let index = 0, at = start + 4; index < count; index++) {
      reader.step();
      const from = at;
      const id = idSize === 2 ? reader.u16(at) : reader.u32(at);
      at += idSize + 1 + reader.u8(at + idSize) * indexSize;
      entries.push({ id, bytes: reader.bytes.subarray(from, at) });
    }
    const added = twins.flatMap(({ id, of }) => {
      const entry = entries.find((each) => each.id === of)?.bytes.slice();
      entry?.set(number(id, idSize));
      return entry ?? [];
    });
    return boxOf("ipma", [
      reader.bytes.subarray(part.start, start),
      number(count + added.length, 4),
      ...entries.map(({ bytes }) => bytes),
      ...added,
    ]);
  });
  return boxOf("iprp", parts);
}

/** A big-endian number of two or four bytes. */
function number(value: number, size: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes.subarray(4 - size);
}

function boxOf(type: string, parts: readonly Uint8Array[]): Uint8Array {
  const box = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 8));
  box.set(number(box.length, 4));
  box.set(new TextEncoder().encode(type), 4);
  let at = 8;
  for (const part of parts) {
    box.set(part, at);
    at += part.length;
  }
  return box;
}
