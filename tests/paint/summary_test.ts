import assert from "node:assert/strict";
import { decode } from "blurhash";
import { thumbHashToAverageRGBA, thumbHashToRGBA } from "thumbhash";
import {
  blurHash,
  dominantColour,
  palette,
  smallRaster,
  thumbHash,
} from "../../src/paint/summary.ts";
import { pixelAt, plain, raster } from "../testing/raster.ts";

const RED = [255, 0, 0, 255] as const;
const GREEN = [0, 255, 0, 255] as const;
const BLUE = [0, 0, 255, 255] as const;
const CLEAR = [0, 255, 0, 0] as const;

Deno.test("smallRaster() means pixels by how opaque they are", () => {
  const rows = [RED, BLUE, RED, CLEAR];
  const small = smallRaster(raster([rows, rows]), 2);
  assert.deepEqual([small.width, small.height], [2, 1]);
  assert.deepEqual(pixelAt(small, 0, 0), [128, 0, 128, 255]);
  assert.deepEqual(pixelAt(small, 1, 0), [255, 0, 0, 128]);
  const same = raster([[RED, BLUE]]);
  assert.deepEqual(smallRaster(same, 100), same);
  const line = smallRaster(plain(RED, { width: 1000, height: 2 }), 100);
  assert.deepEqual([line.width, line.height], [100, 1]);
});

Deno.test("blurHash() is what BlurHash's definition says of plain colours, and decodes to the picture", () => {
  // Algorithm.md: the size, the largest component, and the mean colour in base 83; all else is zero.
  assert.equal(blurHash(plain([0, 0, 0, 255], { width: 8, height: 8 })).slice(0, 6), "L00000");
  assert.equal(blurHash(plain([255, 255, 255, 255], { width: 8, height: 8 })).slice(2, 6), "TSUA");
  const halves = raster(Array.from({ length: 20 }, () => [
    ...Array.from({ length: 15 }, () => RED),
    ...Array.from({ length: 15 }, () => BLUE),
  ]));
  const shown = decode(blurHash(halves), 30, 20);
  const at = (x: number) => [...shown.slice((10 * 30 + x) * 4, (10 * 30 + x) * 4 + 3)];
  assert.ok(at(3)[0]! > 200 && at(3)[2]! < 120, String(at(3)));
  assert.ok(at(26)[2]! > 200 && at(26)[0]! < 120, String(at(26)));
  // Upright pictures have their components the other way round; transparency is seen over white.
  assert.equal(blurHash(plain(RED, { width: 4, height: 8 }))[0], "T");
  assert.equal(
    blurHash(plain(CLEAR, { width: 8, height: 8 })),
    blurHash(plain([255, 255, 255, 255], { width: 8, height: 8 })),
  );
});

Deno.test("thumbHash() decodes to the picture's shape, colour and transparency", () => {
  const bytes = (hash: string) => Uint8Array.fromBase64(hash);
  const hash = bytes(thumbHash(plain([200, 100, 50, 255], { width: 40, height: 20 })));
  const { r, g, b, a } = thumbHashToAverageRGBA(hash);
  assert.ok(Math.abs(r * 255 - 200) < 6 && Math.abs(g * 255 - 100) < 6, `${r} ${g} ${b}`);
  assert.equal(a, 1);
  const { w, h } = thumbHashToRGBA(hash);
  assert.ok(w > h);
  assert.ok(
    thumbHashToAverageRGBA(bytes(thumbHash(plain(CLEAR, { width: 9, height: 9 })))).a < 0.1,
  );
});

Deno.test("palette() tells the colours of a picture, those of most pixels first", () => {
  const picture = raster([[RED, RED, RED, RED], [GREEN, GREEN, GREEN, BLUE], [
    CLEAR,
    CLEAR,
    BLUE,
    RED,
  ]]);
  const rows = [
    [1, 1],
    [3, 3],
    // There are no more.
    [16, 3],
  ] as const;
  for (const [count, length] of rows) assert.equal(palette(picture, count).length, length);
  assert.deepEqual(palette(picture, 3), [RED, GREEN, BLUE]);
  assert.deepEqual(dominantColour(picture), RED);
  assert.deepEqual(palette(plain(CLEAR, { width: 2, height: 2 }), 5), [[0, 0, 0, 0]]);
});
