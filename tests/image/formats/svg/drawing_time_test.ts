import assert from "node:assert/strict";
import { drawingTime } from "../../../../src/image/formats/svg/drawing_time.ts";
import { job, SMALL, withPool } from "../../../testing/pools.ts";

const svg = (inner: string) =>
  new TextEncoder().encode(`<svg xmlns="http://www.w3.org/2000/svg" width="900">${inner}</svg>`);
const MEGAPIXEL = { width: 1000, height: 1000 };
/** Longer than what may take every worker. */
const LONG = 1000;
const CONVOLUTION = svg(
  `<filter id="f"><feConvolveMatrix order="99" kernelMatrix="${"1 ".repeat(99 * 99)}"/></filter>` +
    '<rect width="900" height="900" filter="url(#f)"/>',
);

const ROWS: Readonly<Record<string, [short: string, long: string]>> = {
  "elements": ["<path/>".repeat(10_000), "<path/>".repeat(150_000)],
  "elements that are shown": [
    `<g id="a">${"<path/>".repeat(100)}</g>` + '<use href="#a"/>'.repeat(100),
    `<g id="a">${"<path/>".repeat(100)}</g>` + '<use href="#a"/>'.repeat(2000),
  ],
  "layers": ['<g opacity="0.5"/>'.repeat(100), '<g style="mask:none;opacity:.5"/>'.repeat(300)],
  "layers by a class": [
    "<style>.a{fill:red}</style>" + '<g class="a"/>'.repeat(300),
    "<style>.a{opacity:.5}</style>" + '<g class="a"/>'.repeat(300),
  ],
  "steps of filters": ["<feOffset/>".repeat(20), "<feOffset/>".repeat(60)],
  "steps of any size": ["<feGaussianBlur/>", "<feTurbulence/>"],
  "rules": [
    `<style>${".a{}".repeat(100)}</style>${"<g/>".repeat(1000)}`,
    `<style>${".a{}".repeat(2000)}</style>${"<g/>".repeat(3000)}`,
  ],
  "text": [
    `<text>${"a ".repeat(10_000)}${" ".repeat(100_000)}</text>`,
    `<text>${"a".repeat(30_000)}</text>`,
  ],
};

for (const [name, [short, long]] of Object.entries(ROWS)) {
  Deno.test(`drawingTime() counts ${name}`, () => {
    assert.ok(drawingTime(svg(short), MEGAPIXEL) < LONG);
    assert.ok(drawingTime(svg(long), MEGAPIXEL) > LONG);
  });
}

Deno.test("drawingTime() is that of the size, and none for what is no drawing", () => {
  const layers = svg('<g opacity="0.5"/>'.repeat(300));
  assert.ok(drawingTime(layers, { width: 100, height: 100 }) < LONG);
  for (const wrong of ["<svg><g", '<!DOCTYPE svg [<!ENTITY a "&b;">]><svg/>']) {
    assert.equal(drawingTime(new TextEncoder().encode(wrong), MEGAPIXEL), 0);
  }
});

Deno.test("drawings that may take long leave a worker to small pictures", async () => {
  // Long enough for none to be given up: a busy machine is late with all of them.
  await withPool({ workers: 2, timeoutMs: 60_000 }, async (pool) => {
    await pool.ready();
    let drawn = 0;
    const bombs = [1, 2, 3].map((width) =>
      pool.transform(job(`${899 + width}x,png`, CONVOLUTION)).catch(() => {}).then(() => drawn++)
    );
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal((await pool.transform(job("2x", SMALL))).width, 2);
    assert.equal(drawn, 0, "None of them has ended");
    await pool.close();
    await Promise.all(bombs);
  });
});
