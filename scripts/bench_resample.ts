// Times our resampler beside the engine's own resize, one core, on pictures made here. `--sharp=FOLDER`
// adds native libvips by way of sharp, where that folder holds an installation of it.

import { pathToFileURL } from "node:url";
import {
  ImageMagick,
  initializeImageMagick,
  MagickFormat,
  MagickGeometry,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine/engine_module.js";
import type { PixelBuffer } from "../src/image/pixels/pixel_buffer.ts";
import { createResampler } from "../src/image/pixels/resample.ts";

const CASES = [
  { from: [2048, 1536], to: [600, 450], channels: 4 },
  { from: [1022, 834], to: [720, 588], channels: 3 },
  { from: [2725, 2225], to: [1400, 1143], channels: 3 },
  { from: [2725, 2225], to: [200, 163], channels: 3 },
  { from: [480, 300], to: [240, 150], channels: 4 },
  { from: [600, 450], to: [1200, 900], channels: 4 },
] as const;
const ROUNDS = 15;

await initializeImageMagick(engineModule);
const resampler = createResampler();
const sharp = await loadSharp();

console.log(`| resize (ms, best of ${ROUNDS}) | first | ours | ImageMagick | sharp |`);
console.log("| --- | --: | --: | --: | --: |");
for (const { from, to, channels } of CASES) {
  const source = picture(from[0], { height: from[1], channels });
  const target = { width: to[0], height: to[1] };
  const first = time(1, () => createResampler().resample(source, { target }));
  const ours = time(ROUNDS * 3, () => resampler.resample(source, { target }));
  const engine = timeEngine(source, target);
  const native = await timeSharp(source, target);
  const what = `${from.join("×")} → ${to.join("×")} ${channels === 4 ? "RGBA" : "RGB"}`;
  console.log(`| ${what} | ${first} | ${ours} | ${engine} | ${native} |`);
}

function picture(width: number, rest: { height: number; channels: 3 | 4 }): PixelBuffer {
  const { height, channels } = rest;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    data[i] = 128 + 90 * Math.sin(x / 37 + i % channels) * Math.cos(y / 23) + (i * 7919 % 31);
  }
  return { data, width, height, channels, hasAlpha: channels === 4 };
}

function time(rounds: number, work: () => void): string {
  let best = Infinity;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    work();
    best = Math.min(best, performance.now() - start);
  }
  return best.toFixed(1);
}

function timeEngine(source: PixelBuffer, target: { width: number; height: number }): string {
  const settings = new MagickReadSettings({ width: source.width, height: source.height, depth: 8 });
  settings.format = source.channels === 4 ? MagickFormat.Rgba : MagickFormat.Rgb;
  const box = new MagickGeometry(target.width, target.height);
  box.ignoreAspectRatio = true;
  return ImageMagick.read(source.data, settings, (image) => {
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      image.clone((copy) => {
        const start = performance.now();
        copy.resize(box);
        best = Math.min(best, performance.now() - start);
      });
    }
    return best.toFixed(1);
  });
}

async function loadSharp() {
  const folder = Deno.args.find((arg) => arg.startsWith("--sharp="))?.slice("--sharp=".length);
  if (folder === undefined) return undefined;
  const { createRequire } = await import("node:module");
  const sharp = createRequire(pathToFileURL(`${folder}/`))("sharp");
  sharp.concurrency(1);
  sharp.cache(false);
  return sharp;
}

async function timeSharp(
  { data, width, height, channels }: PixelBuffer,
  target: { width: number; height: number },
): Promise<string> {
  if (!sharp) return "–";
  let best = Infinity;
  for (let i = 0; i < ROUNDS; i++) {
    const start = performance.now();
    await sharp(data, { raw: { width, height, channels } })
      .resize(target.width, target.height, { fit: "fill", fastShrinkOnLoad: false }).raw()
      .toBuffer();
    best = Math.min(best, performance.now() - start);
  }
  return best.toFixed(1);
}
