// One cached response as one value: header and body are written and read together or not at all, so
// no backend can hand back the one without the other.
//
// Frame, numbers big-endian: "IPC" and a version byte, header length (u32), body length (u32), CRC-32
// of the body, CRC-32 of the sixteen bytes before it and of the header, header (JSON), body.
// CRC-32 tells accidents, not forgery: whoever can write to the backend can write a valid frame.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Hop, Part } from "../http/freshness.ts";
import type { Kind } from "./key.ts";

/** Everything known of a cached response but its bytes. Times are in ms since the epoch. */
export interface EntryMeta {
  readonly kind: Kind;
  /** The key that it is stored under. */
  readonly key: string;
  /** The whole remote URL. */
  readonly url: string;
  /** Canonical options; empty for an original. */
  readonly options: string;
  readonly status: number;
  /** As they may be stored, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly requestedAt: number;
  readonly receivedAt: number;
  /** The redirects that led to it. */
  readonly hops?: readonly Hop[];
  /** Where they led: what gave the validators in the headers. */
  readonly source?: string;
  /** Digests of the request fields that the response's Vary named. */
  readonly selected?: Readonly<Record<string, string>>;
  /** digestOf() the bytes of an original. */
  readonly digest?: string;
  /** When a result was made, or renewed, of a damaged original that showed only a part of its picture. */
  readonly partialSince?: number;
  /** What else went into a result, each with its own lifetime. */
  readonly parts?: readonly Part[];
  /** What a result was made from; it holds while the original has that digest. */
  readonly original?: { readonly key: string; readonly digest: string };
}

export interface Entry {
  readonly meta: EntryMeta;
  readonly body: Uint8Array;
}

const MAGIC_AND_VERSION = 0x49_50_43_01; // "IPC" 1
const PREAMBLE = 20;

/** Frames an entry in one new array; the body is copied once. */
export function encodeEntry({ meta, body }: Entry): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(meta));
  const frame = new Uint8Array(PREAMBLE + header.length + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, MAGIC_AND_VERSION);
  view.setUint32(4, header.length);
  view.setUint32(8, body.length);
  view.setUint32(12, crc32(body));
  view.setUint32(16, crc32(header, crc32(frame.subarray(0, 16))));
  frame.set(header, PREAMBLE);
  frame.set(body, PREAMBLE + header.length);
  return frame;
}

/** What the beginning of a frame tells of the whole. */
export interface EntryOutline {
  readonly meta: EntryMeta;
  /** Where the body begins, in bytes from the start of the frame. */
  readonly bodyAt: number;
  readonly bodyLength: number;
  /** CRC-32 */
  readonly bodyChecksum: number;
}

/**
 * Reads the beginning of a frame of `size` bytes. `undefined` where the header is torn, foreign, of another
 * version, not that of `key` or not all there, or the frame is not as long as it says; nothing throws.
 */
export function decodeOutline(
  beginning: Uint8Array,
  { key, size }: { key: string; size: number },
): EntryOutline | undefined {
  if (beginning.length < PREAMBLE) return undefined;
  const view = new DataView(beginning.buffer, beginning.byteOffset, beginning.length);
  if (view.getUint32(0) !== MAGIC_AND_VERSION) return undefined;
  const bodyAt = PREAMBLE + view.getUint32(4);
  const bodyLength = view.getUint32(8);
  if (bodyAt + bodyLength !== size || bodyAt > beginning.length) return undefined;

  const header = beginning.subarray(PREAMBLE, bodyAt);
  if (crc32(header, crc32(beginning.subarray(0, 16))) !== view.getUint32(16)) return undefined;
  const meta = parseMeta(header);
  return meta?.key === key
    ? { meta, bodyAt, bodyLength, bodyChecksum: view.getUint32(12) }
    : undefined;
}

/**
 * Reads a frame back, the body as a view of it. A frame that is torn, foreign, of another version or
 * not that of `key` is `undefined`; nothing throws.
 */
export function decodeEntry(frame: Uint8Array, key: string): Entry | undefined {
  const outline = decodeOutline(frame, { key, size: frame.length });
  if (outline === undefined) return undefined;
  const body = frame.subarray(outline.bodyAt);
  return crc32(body) === outline.bodyChecksum ? { meta: outline.meta, body } : undefined;
}

/** What an entry takes up in memory, in bytes, within a few hundred. */
export function entrySize({ meta, body }: Entry): number {
  let characters = meta.url.length + meta.options.length + 2 * meta.key.length;
  const { hops = [], parts = [] } = meta;
  const others = [...hops, ...parts.flatMap((part) => [part, ...part.hops ?? []])];
  for (const { headers } of [meta, ...others]) {
    for (const name in headers) characters += name.length + (headers[name]?.length ?? 0);
  }
  for (const { url } of others) characters += url.length;
  return body.byteLength + characters + 1000;
}

/** Bytes that are digested on the event loop: that takes half a millisecond, and a copy for another thread as long. */
const DIGESTED_AT_ONCE = 1 << 20;

/** SHA-256 of an original's bytes in base64url, by which its results know it again. */
export async function digestOf(body: Uint8Array): Promise<string> {
  if (body.byteLength <= DIGESTED_AT_ONCE) {
    return createHash("sha256").update(body).digest("base64url");
  }
  const digest = await crypto.subtle.digest("SHA-256", body as BufferSource);
  return Buffer.from(digest).toString("base64url");
}

function parseMeta(header: Uint8Array): EntryMeta | undefined {
  try {
    const meta: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(header));
    return isMeta(meta) ? meta : undefined;
  } catch {
    return undefined; // foreign: a miss, by the contract of decodeEntry
  }
}

// A sound checksum vouches for the bytes, not for the program that wrote them.
function isMeta(value: unknown): value is EntryMeta {
  if (!isRecord(value)) return false;
  const { original, selected, digest, hops, parts, source, partialSince } = value;
  return (value.kind === "original" || value.kind === "result") &&
    [value.key, value.url, value.options].every((text) => typeof text === "string") &&
    isTimed(value) &&
    areHops(hops) &&
    (parts === undefined || (Array.isArray(parts) && parts.every(isPart))) &&
    (partialSince === undefined || Number.isFinite(partialSince)) &&
    (source === undefined || typeof source === "string") &&
    (selected === undefined || isTextRecord(selected)) &&
    (digest === undefined || typeof digest === "string") &&
    (original === undefined || (isRecord(original) && typeof original.key === "string" &&
      typeof original.digest === "string"));
}

function areHops(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(isHop));
}

function isPart(value: unknown): boolean {
  return isHop(value) && areHops((value as Record<string, unknown>).hops);
}

function isHop(value: unknown): boolean {
  return isRecord(value) && typeof value.url === "string" && isTimed(value);
}

function isTimed({ status, requestedAt, receivedAt, headers }: Record<string, unknown>): boolean {
  return [status, requestedAt, receivedAt].every(Number.isFinite) && isTextRecord(headers);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === "string");
}
