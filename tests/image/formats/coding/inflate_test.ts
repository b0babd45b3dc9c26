import assert from "node:assert/strict";
import { constants, deflateSync } from "node:zlib";
import { createInflater } from "../../../../src/image/formats/coding/inflate.ts";
import { INFLATE_KERNEL } from "../../../../src/image/formats/coding/inflate_kernel.ts";
import { plainInflate } from "../../../testing/plain_inflate.ts";

const { inflate, open } = createInflater();

/** Numbers from 0 up to 1, the same in each run. */
function createNoise(seed: number): () => number {
  return () => (seed = Math.imul(seed, 1664525) + 1013904223 >>> 0) / 2 ** 32;
}

/** What each byte is made of: of all values, of few, of patterns of 1 to 20 bytes, of pieces from far before. */
const KINDS: Record<string, (noise: () => number, bytes: Uint8Array, at: number) => number> = {
  noise: (noise) => noise() * 256,
  "few values": (noise) => noise() * 4,
  "small values": (noise) => 40 * (noise() + noise() + noise() - 1.5),
  zeros: () => 0,
  patterns: (_, bytes, at) => at < 20 ? at * 11 : bytes[at - 1 - (at >> 9) % 20]!,
  repetitions: (noise, bytes, at) =>
    at < 300 || noise() < 0.02 ? noise() * 256 : bytes[at - 1 - Math.floor(noise() * 40)]!,
  "the whole window": (noise, bytes, at) =>
    at < 32_768 || noise() < 0.001 ? noise() * 256 : bytes[at - 32_768]!,
};
const STRATEGIES = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

function made(kind: keyof typeof KINDS, length: number): Uint8Array {
  const noise = createNoise(length);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = KINDS[kind]!(noise, bytes, at);
  return bytes;
}

for (const kind of Object.keys(KINDS)) {
  Deno.test(`inflate() gives back ${kind}, whatever zlib made of them`, () => {
    for (const length of [0, 1, 5, 300, 40_000, 200_001]) {
      const bytes = made(kind, length);
      for (const [index, strategy] of STRATEGIES.entries()) {
        for (const level of [0, 1, 6, 9]) {
          const stream = deflateSync(bytes, { level, strategy, memLevel: 1 + index * 2 });
          assert.deepEqual(inflate(stream, length), bytes, `${length}, ${level}, ${strategy}`);
        }
      }
    }
  });
}

Deno.test("read() gives what was asked for, whatever pieces the stream comes in", () => {
  const bytes = made("repetitions", 500_000);
  const stream = deflateSync(bytes);
  const noise = createNoise(1);
  for (const most of [1, 7, 1000, 100_000, 600_000]) {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const length = Math.floor(noise() * (Math.min(most, 30_000) + 2));
      pieces.push(stream.subarray(at, at += length));
    }
    const { read } = open(pieces, most);
    for (let at = 0; at < bytes.length;) {
      const count = Math.max(1, Math.floor(noise() * most));
      const got = read(count);
      assert.equal(got.length, Math.min(count, bytes.length - at));
      // Compared here and there: one assertion for each byte would take long.
      if (most > 1 || at % 997 === 0) assert.deepEqual(got, bytes.slice(at, at + got.length));
      at += got.length;
    }
    assert.equal(read(most).length, 0);
  }
});

Deno.test("inflate() reads no more than asked for, and nothing of what is no stream", () => {
  const stream = deflateSync(new Uint8Array(300_000).fill(9));
  assert.deepEqual(inflate(stream, 1000), new Uint8Array(1000).fill(9));
  assert.equal(inflate(stream, 0).length, 0);
  const [method, flags] = [stream.slice(), stream.slice()];
  method[0] = 0x79;
  flags[1] = 0x20;
  for (const none of [method, flags, new Uint8Array(), stream.slice(0, 1), stream.slice(0, 2)]) {
    assert.equal(inflate(none, 1000).length, 0);
  }
});

Deno.test("inflate() gives all that comes before the end of a stream that is cut anywhere", () => {
  const bytes = made("small values", 3000);
  for (const [level, strategy] of [[6, 0], [6, constants.Z_FIXED], [0, 0]] as const) {
    const stream = deflateSync(bytes, { level, strategy });
    for (let length = 2; length < stream.length; length++) {
      const cut = stream.subarray(0, length);
      const wanted = plainInflate(cut.subarray(2), bytes.length);
      assert.deepEqual(inflate(cut, bytes.length), wanted, `${length} bytes`);
    }
  }
});

/** Short streams of every kind of block. */
const STREAMS = Object.keys(KINDS).flatMap((kind, index) =>
  STRATEGIES.map((strategy) =>
    deflateSync(made(kind, 700), { level: index % 2 === 0 ? 9 : 2, strategy, memLevel: 1 })
  )
);

/** The streams, damaged in so many ways. */
function* damaged(count: number): Generator<Uint8Array> {
  const noise = createNoise(17);
  for (let n = 0; n < count; n++) {
    const stream = STREAMS[n % STREAMS.length]!.slice();
    // Most of what a change means is decided where the codes are.
    const reach = noise() < 0.5 ? 60 : stream.length - 2;
    for (let changes = 1 + noise() * 3; changes > 0; changes--) {
      stream[2 + Math.floor(noise() * Math.min(reach, stream.length - 2))] = noise() * 256;
    }
    yield stream;
  }
}

Deno.test("inflate() makes of thousands of damaged streams what the RFC makes of them", () => {
  let cut = 0;
  for (const stream of damaged(6000)) {
    const wanted = plainInflate(stream.subarray(2), 900);
    assert.deepEqual(inflate(stream, 900), wanted, `${stream}`);
    if (wanted.length < 700) cut++;
  }
  assert.ok(cut > 1000, `${cut} of them broke off`);
});

interface Kernel {
  memory: WebAssembly.Memory;
  startStream(room: number): void;
  feed(from: number, to: number, isLast: number): void;
  inflate(base: number, to: number, limit: number): number;
}

Deno.test("the kernel reads and writes nothing outside what it is given, whatever it is fed", () => {
  const module = new WebAssembly.Module(
    Uint8Array.from(atob(INFLATE_KERNEL), (char) => char.charCodeAt(0)),
  );
  const kernel = new WebAssembly.Instance(module).exports as unknown as Kernel;
  // Its own constants lie below; everything else is poison but for four parts.
  const STATIC = 4096, TABLES = 100_000, INPUT = 200_000, WINDOW = 400_000, ROOM = 1024;
  const heap = () => new Uint8Array(kernel.memory.buffer);
  const constantsBefore = heap().slice(0, STATIC);
  const run = (stream: Uint8Array, poison: number) => {
    heap().fill(poison, STATIC);
    heap().set(stream, INPUT);
    kernel.startStream(TABLES);
    kernel.feed(INPUT + 2, INPUT + stream.length, 1);
    const end = kernel.inflate(WINDOW, WINDOW, WINDOW + ROOM);
    return heap().slice(WINDOW, end);
  };
  for (const stream of damaged(700)) {
    const [first, second] = [run(stream, 0xa5), run(stream, 0x5a)];
    assert.deepEqual(first, second, "the poison has been read");
    const parts = [[STATIC, TABLES], [TABLES + 24 * 1024, INPUT], [INPUT + stream.length, WINDOW], [
      WINDOW + ROOM + 512,
      heap().length,
    ]] as const;
    assert.deepEqual(heap().slice(0, STATIC), constantsBefore);
    for (const [from, to] of parts) {
      assert.ok(heap().subarray(from, to).every((byte) => byte === 0x5a), `${from} to ${to}`);
    }
    assert.deepEqual(heap().slice(INPUT, INPUT + stream.length), new Uint8Array(stream));
  }
});
