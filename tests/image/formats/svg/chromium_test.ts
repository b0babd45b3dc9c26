import assert from "node:assert/strict";
import { type Browser, chromiumPath, startBrowser } from "../../../testing/browser.ts";
import { openBlankPage } from "../../../testing/browser_frames.ts";
import { decode } from "../../../testing/drawn.ts";
import { transform } from "../../../testing/transforming.ts";

const CHROMIUM = chromiumPath();
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==";
const svg = (inner: string, attributes = 'width="80" height="40"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inner}</svg>`;

/** What people draw with, each by itself. */
const DRAWINGS: Readonly<Record<string, string>> = {
  gradients: svg(
    '<linearGradient id="a"><stop stop-color="#39f"/><stop offset="1" stop-color="#f3c"/></linearGradient>' +
      '<radialGradient id="b"><stop stop-color="#fff"/><stop offset="1" stop-color="#fa0"/></radialGradient>' +
      '<rect width="40" height="40" fill="url(#a)"/><rect x="40" width="40" height="40" fill="url(#b)"/>',
  ),
  "a clip path and a mask": svg(
    '<clipPath id="a"><circle cx="20" cy="20" r="15"/></clipPath>' +
      '<mask id="b"><rect x="40" width="20" height="40" fill="#fff"/></mask>' +
      '<rect width="40" height="40" fill="red" clip-path="url(#a)"/>' +
      '<rect x="40" width="40" height="40" fill="blue" mask="url(#b)"/>',
  ),
  "styles, classes and currentColor": svg(
    '<style>.a{fill:#e33} g > rect{fill:currentColor}</style><rect class="a" width="20" height="40"/>' +
      '<g color="#0a7"><rect x="30" width="20" height="40"/></g>' +
      '<rect x="60" width="20" height="40" style="fill:#226;opacity:.5"/>',
  ),
  "percentages in a view box": svg(
    '<rect width="50%" height="50%" fill="green"/><circle cx="75%" cy="50%" r="10%" fill="red"/>',
    'viewBox="0 0 160 80"',
  ),
  "a ratio that is kept": svg(
    '<rect width="10" height="10" fill="purple"/>',
    'width="80" height="40" viewBox="0 0 10 10" preserveAspectRatio="xMaxYMin meet"',
  ),
  "a ratio that is not": svg(
    '<circle cx="5" cy="5" r="5" fill="purple"/>',
    'width="80" height="40" viewBox="0 0 10 10" preserveAspectRatio="none"',
  ),
  "symbols by both kinds of links": svg(
    '<symbol id="a" viewBox="0 0 10 10"><path d="M0 10 5 0l5 10z"/></symbol>' +
      '<use xlink:href="#a" width="40" height="40"/><use href="#a" x="40" width="40" height="40" fill="red"/>',
  ),
  "a filter": svg(
    '<filter id="a"><feGaussianBlur stdDeviation="3"/></filter>' +
      '<rect x="20" y="10" width="40" height="20" filter="url(#a)"/>',
  ),
  "a picture within": svg(
    `<image width="40" height="40" href="data:image/png;base64,${PIXEL}"/>`,
  ),
  "an entity and dashes": '<!DOCTYPE svg [<!ENTITY c "#c30">]>' + svg(
    '<path d="M5 20h70" stroke="&c;" stroke-width="6" stroke-dasharray="10 5" stroke-linecap="round"/>',
  ),
};

/** The mean difference of samples over white, from 0 to 255, that edges drawn by another hand may make. */
const MOST = 2;

Deno.test({
  name: "drawings look as in Chromium",
  ignore: CHROMIUM === undefined,
  fn: async () => {
    await using browser = await startBrowser(CHROMIUM!);
    await using _page = await openBlankPage(browser);
    for (const [name, text] of Object.entries(DRAWINGS)) {
      const bytes = new TextEncoder().encode(text);
      const image = await transform(bytes, "160x,bg:fff,png");
      const expected = await shownIn(browser, bytes, image);
      const drawn = await decode(image.bytes);
      assert.equal(drawn.length, expected.length, name);
      const sum = drawn.reduce((sum, sample, at) => sum + Math.abs(sample - expected[at]!), 0);
      assert.ok(sum / drawn.length < MOST, `${name}: the mean difference is ${sum / drawn.length}`);
      assert.ok(drawn.some((sample) => sample !== 255), `${name}: nothing is drawn`);
    }
  },
});

/** RGBA of what the browser shows over white, in this size. */
async function shownIn(
  { tab }: Browser,
  svg: Uint8Array,
  { width, height }: { width: number; height: number },
): Promise<Uint8Array> {
  const seen = await tab.evaluate<string>(`(async () => {
    const image = new Image();
    image.src = "data:image/svg+xml;base64,${svg.toBase64()}";
    await image.decode();
    const canvas = new OffscreenCanvas(${width}, ${height});
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    let text = "";
    for (const sample of context.getImageData(0, 0, canvas.width, canvas.height).data) {
      text += String.fromCharCode(sample);
    }
    return btoa(text);
  })()`);
  return Uint8Array.fromBase64(seen);
}
