import assert from "node:assert/strict";
import { type Luma, lumaOf, similarity } from "../../../../src/image/formats/coding/similarity.ts";

/** Waves with something of everything, and noise of this many levels on top. */
function waves(width: number, height: number, noise = 0): Luma {
  const values = new Float32Array(width * height);
  for (let at = 0, random = 1; at < values.length; at++) {
    const x = at % width, y = Math.floor(at / width);
    random = Math.imul(random, 1103515245) + 12345;
    values[at] = 128 + 60 * Math.sin(x / 3) * Math.cos(y / 5) + 30 * Math.sin((x + y) / 11) +
      noise * ((random >>> 16) / 65536 - 0.5);
  }
  return { values, width, height };
}

/** The formula of the paper, window by window, as it stands there. */
function byTheBook(a: Luma, b: Luma): number {
  const c1 = 2.55 ** 2, c2 = 7.65 ** 2;
  let total = 0, count = 0;
  for (let top = 0; top + 8 <= Math.floor(a.height / 4) * 4; top += 4) {
    for (let left = 0; left + 8 <= Math.floor(a.width / 4) * 4; left += 4) {
      const windowOf = ({ values, width }: Luma) =>
        Array.from({ length: 64 }, (_, at) => values[(top + (at >> 3)) * width + left + (at & 7)]!);
      const [p, q] = [windowOf(a), windowOf(b)];
      const mean = (values: readonly number[]) => values.reduce((sum, it) => sum + it) / 64;
      const [meanP, meanQ] = [mean(p), mean(q)];
      const variance = (values: readonly number[]) =>
        mean(values.map((value) => (value - mean(values)) ** 2));
      if (variance(p) < 4 && variance(q) < 4) continue;
      const covariance = mean(p.map((value, at) => (value - meanP) * (q[at]! - meanQ)));
      total += (2 * meanP * meanQ + c1) * (2 * covariance + c2) /
        ((meanP ** 2 + meanQ ** 2 + c1) * (variance(p) + variance(q) + c2));
      count++;
    }
  }
  return total / count;
}

Deno.test("similarity() is that of the paper, at any size", () => {
  for (const [width, height] of [[8, 8], [9, 11], [40, 12], [63, 65]] as const) {
    for (const noise of [1, 20, 200]) {
      const a = waves(width, height), b = waves(width, height, noise);
      const [ours, right] = [similarity(a, b), byTheBook(a, b)];
      assert.ok(Math.abs(ours - right) < 1e-6, `${width}x${height} ${noise}: ${ours} ${right}`);
    }
    assert.equal(similarity(waves(width, height), waves(width, height)), 1);
  }
});

Deno.test("similarity() falls with noise, and is 1 where nothing is to be seen", () => {
  const levels = [0, 2, 8, 30, 120].map((noise) => similarity(waves(64, 64), waves(64, 64, noise)));
  assert.deepEqual(levels, [...levels].sort((a, b) => b - a));
  assert.ok(levels.at(-1)! < 0.8 && levels.at(-2)! > 0.8, levels.join());
  const plain = { values: new Float32Array(64 * 64).fill(80), width: 64, height: 64 };
  assert.equal(similarity(plain, plain), 1);
  const tiny = { values: new Float32Array(9), width: 3, height: 3 };
  assert.equal(similarity(tiny, tiny), 1);
});

Deno.test("similarity() is not the better for plain room around what is unlike", () => {
  const [a, b] = [waves(192, 192), waves(192, 192, 40)];
  const within = ({ values, width, height }: Luma): Luma => {
    const room = new Float32Array(512 * 512).fill(255);
    for (let y = 0; y < height; y++) {
      room.set(values.subarray(y * width, (y + 1) * width), (y + 64) * 512 + 64);
    }
    return { values: room, width: 512, height: 512 };
  };
  assert.ok(Math.abs(similarity(within(a), within(b)) - similarity(a, b)) < 0.02);
});

Deno.test("lumaOf() sees greys and colours alike, and grey through what is transparent", () => {
  const rows: [number[], 1 | 2 | 3 | 4, boolean, number][] = [
    [[100], 1, false, 100],
    [[100, 255], 2, true, 100],
    [[100, 0], 2, true, 128],
    [[255, 0, 0], 3, false, 76.245],
    [[0, 255, 0, 255], 4, true, 149.685],
    [[0, 255, 0, 0], 4, true, 128],
    [[255, 255, 255, 7], 4, false, 255],
  ];
  for (const [samples, channels, hasAlpha, expected] of rows) {
    const pixels = { data: Uint8Array.from(samples), width: 1, height: 1, channels, hasAlpha };
    assert.ok(Math.abs(lumaOf(pixels).values[0]! - expected) < 1e-3, samples.join());
  }
});
