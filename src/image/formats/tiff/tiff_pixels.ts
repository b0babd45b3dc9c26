// Samples of a TIFF to pixels that the rest of the program knows: what they mean is worked out here.

import { createLightEncoder } from "../../colour/encode_light.ts";
import { BT709, xyzToLight } from "../../colour/icc_profile.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { TiffLayout } from "./tiff_layout.ts";

/** One sample a pixel and channel: levels of 0 to 255, or indices of a palette. */
export type Samples = Uint8Array | Uint16Array;

/** The pixels: grey, RGB or CMYK, with alpha where the page has any. */
export function pixelsOf(samples: Samples, layout: TiffLayout): PixelBuffer {
  const { width, height, model, alpha } = layout;
  const colours = COLOURS[model];
  const channels = (colours + (alpha ? 1 : 0)) as PixelBuffer["channels"];
  const data = new Uint8Array(width * height * channels);
  const show = showing(layout);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * layout.samples, to = pixel * channels;
    show(samples, from, { data, to });
    if (!alpha) continue;
    const opacity = levelOf(samples[from + alpha.sample]!, layout);
    data[to + colours] = opacity;
    if (alpha.associated) divide(data.subarray(to, to + colours), opacity);
  }
  return { data, width, height, channels, hasAlpha: alpha !== undefined };
}

const COLOURS = { "white is zero": 1, "black is zero": 1, rgb: 3, palette: 3, cmyk: 4, lab: 3 };

/** The alpha beside an index is as wide as that. */
function levelOf(sample: number, { model, bits }: TiffLayout): number {
  return model === "palette" ? Math.round(sample * 255 / (2 ** bits - 1)) : sample;
}

/** Takes back that colours were multiplied by alpha. */
function divide(colours: Uint8Array, opacity: number): void {
  for (let channel = 0; channel < colours.length; channel++) {
    colours[channel] = opacity === 0
      ? 0
      : Math.min(255, Math.round(colours[channel]! * 255 / opacity));
  }
}

type Show = (samples: Samples, from: number, result: { data: Uint8Array; to: number }) => void;

function showing(layout: TiffLayout): Show {
  const { model } = layout;
  const colours = COLOURS[model];
  if (model === "white is zero") {
    return (samples, from, { data, to }) => void (data[to] = 255 - samples[from]!);
  }
  if (model === "palette") return showingPalette(layout);
  if (model === "lab") return showingLab();
  return (samples, from, { data, to }) => {
    for (let channel = 0; channel < colours; channel++) {
      data[to + channel] = samples[from + channel]!;
    }
  };
}

/** Old files have colours of 8 bits in the fields of 16. */
function showingPalette({ palette, bits }: TiffLayout): Show {
  const size = 2 ** bits;
  const divisor = palette.some((value) => value > 255) ? 257 : 1;
  const levels = Uint8Array.from(palette, (value) => Math.round(value / divisor));
  return (samples, from, { data, to }) => {
    const index = samples[from]!;
    data[to] = levels[index]!;
    data[to + 1] = levels[size + index]!;
    data[to + 2] = levels[size * 2 + index]!;
  };
}

/** The white that L*, a* and b* are about, here as in ICC profiles. */
const D50 = { x: 0.9642, z: 0.8249 };

/** CIE L*a*b* (TIFF 6.0 section 23) to sRGB. */
function showingLab(): Show {
  const encode = createLightEncoder();
  const [ofX, ofY, ofZ] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => xyzToLight(axis, BT709));
  return (samples, from, { data, to }) => {
    const fy = (samples[from]! * 100 / 255 + 16) / 116;
    const fx = fy + signed(samples[from + 1]!) / 500, fz = fy - signed(samples[from + 2]!) / 200;
    const x = D50.x * undoCubeRoot(fx), y = undoCubeRoot(fy), z = D50.z * undoCubeRoot(fz);
    for (let channel = 0; channel < 3; channel++) {
      data[to + channel] = encode(ofX![channel]! * x + ofY![channel]! * y + ofZ![channel]! * z);
    }
  };
}

/** The function of L*a*b* taken back, which is a line near black. */
function undoCubeRoot(value: number): number {
  const cube = value ** 3;
  return cube > 216 / 24389 ? cube : (116 * value - 16) * 27 / 24389;
}

function signed(sample: number): number {
  return sample > 127 ? sample - 256 : sample;
}
