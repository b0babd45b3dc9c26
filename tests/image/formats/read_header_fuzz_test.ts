// Thousands of damaged pictures of every format: each gives a header, nothing, or one public
// sentence, quickly. The seed is fixed, so that a failure can be repeated.

import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { readHeader } from "../../../src/image/formats/read_header.ts";
import { createSampleImages } from "../../testing/sample_images.ts";

const SLOWEST_MS = 50;
const samples = await createSampleImages();

Deno.test("readHeader() survives every truncation", () => {
  for (const { name, bytes } of samples) {
    const step = Math.max(1, Math.floor(bytes.length / 600));
    for (let length = 0; length < bytes.length; length += length < 600 ? 1 : step) {
      attempt(bytes.subarray(0, length), `${name} cut to ${length} bytes`);
    }
  }
});

Deno.test("readHeader() survives flipped bits and absurd numbers in the header", () => {
  const random = createRandom(4);
  for (const { name, bytes } of samples) {
    for (let round = 0; round < 1500; round++) {
      const damaged = bytes.slice();
      const changes = 1 + random(4);
      for (let i = 0; i < changes; i++) {
        const at = random(random(2) === 0 ? Math.min(bytes.length, 600) : bytes.length);
        const absurd = [0, 0xff, 0x7f, 0x80, (damaged[at] ?? 0) ^ (1 << random(8))];
        const run = random(3) === 0 ? 4 : 1;
        damaged.fill(absurd[random(absurd.length)] ?? 0, at, at + run);
      }
      attempt(damaged, `${name}, round ${round} of seed 4`);
    }
  }
});

Deno.test("readHeader() survives parts of one file inside another", () => {
  const random = createRandom(5);
  for (let round = 0; round < 3000; round++) {
    const head = pick(), tail = pick();
    const cut = random(Math.min(head.bytes.length, 400));
    const from = random(tail.bytes.length);
    const mixed = new Uint8Array([...head.bytes.subarray(0, cut), ...tail.bytes.subarray(from)]);
    attempt(mixed, `${head.name} to ${cut}, then ${tail.name} from ${from}`);
  }

  function pick() {
    return samples[random(samples.length)] ?? { name: "nothing", bytes: new Uint8Array() };
  }
});

function attempt(bytes: Uint8Array, label: string): void {
  // Up to ten measurements, since another program may have the processor during one.
  const times: number[] = [];
  while (times.length < 10) {
    times.push(check(bytes, label));
    if (times.at(-1)! < SLOWEST_MS) return;
  }
  assert.fail(`${label} took ${times} ms`);
}

/** Reads the header and gives the milliseconds that took. */
function check(bytes: Uint8Array, label: string): number {
  const start = performance.now();
  try {
    const header = readHeader(bytes);
    if (header) {
      for (const field of ["width", "height", "frames", "totalPixels", "bitDepth"] as const) {
        assert.ok(Number.isFinite(header[field]) && header[field] >= 0, `${label}: ${field}`);
      }
      assert.ok(header.totalPixels >= Math.min(1, header.width * header.height), label);
    }
  } catch (error) {
    if (!(error instanceof ProxyError)) throw new Error(label, { cause: error });
    assert.equal(error.code, "undecodable", label);
    assert.match(error.message, /^The [\x20-\x7e]{10,120}$/, label);
  }
  return performance.now() - start;
}

/** A small linear congruential generator: whole numbers below the one asked for. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}
