// Pictures to try the options on, drawn by the program itself, so that a newcomer needs no other server.
// They have URLs under a name that can belong to nobody (RFC 2606), and are never fetched from anywhere.
import { crc32, deflateSync } from "node:zlib";
import { encodeGif } from "./gif.ts";

export interface Sample {
  title: string;
  /** What it is good to try. */
  hint: string;
  /** Options that show that, for a page on which nothing is chosen yet. */
  shows: string;
  mediaType: string;
  draw(): Uint8Array;
}

/** By the last part of the URL. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  "landscape.png": {
    title: "Landscape",
    hint: "sizes, crops, effects, formats",
    shows: "480x,webp",
    mediaType: "image/png",
    draw: drawLandscape,
  },
  "badge.png": {
    title: "Transparent",
    hint: "trimming, colour beneath, room",
    shows: "240x,trim,padding:20,bg:gold",
    mediaType: "image/png",
    draw: drawBadge,
  },
  "orbit.gif": {
    title: "Animation",
    hint: "moving formats, single frames",
    shows: "240x,webp",
    mediaType: "image/gif",
    draw: drawOrbit,
  },
  "sign.svg": {
    title: "Drawing",
    hint: "SVG, sharp in every size",
    shows: "480x,webp",
    mediaType: "image/svg+xml",
    draw: drawSign,
  },
};

/** Nobody's name, so that it can be let pass wherever the page is shown. */
export const SAMPLE_HOST = "sample.invalid";
const FOLDER = `http://${SAMPLE_HOST}/`;

export function sampleUrl(name: string): string {
  return FOLDER + name;
}

/** The sample that a remote URL names; undefined for every other URL. */
export function sampleOf(url: string | URL): Sample | undefined {
  const { href } = new URL(url);
  if (!href.startsWith(FOLDER)) return undefined;
  const name = href.slice(FOLDER.length);
  return Object.hasOwn(SAMPLES, name) ? SAMPLES[name] : undefined;
}

type Colour = readonly [number, number, number];

/** An evening: a sun low over four ranges of hills, and a lake. */
function drawLandscape(): Uint8Array {
  const [width, height, shore] = [960, 640, 470];
  const [sunX, sunY] = [650, 250];
  const ranges = [
    { top: 330, rise: 70, colour: [148, 118, 150] },
    { top: 375, rise: 60, colour: [104, 88, 130] },
    { top: 420, rise: 45, colour: [62, 62, 102] },
    { top: 455, rise: 30, colour: [32, 40, 66] },
  ] satisfies { top: number; rise: number; colour: Colour }[];
  const ridge = ({ top, rise }: (typeof ranges)[number], x: number, index: number) =>
    top - rise * (0.5 * Math.sin(x / (130 - 22 * index) + 2.1 * index) +
        0.3 * Math.sin(x / (47 - 6 * index) + index) + 0.1 * Math.sin(x / 13 + 3 * index));
  const sky = (x: number, y: number): Colour => {
    const distance = Math.hypot(x - sunX, y - sunY);
    if (distance < 46) return [255, 246, 214];
    const glow = Math.exp(-(distance - 46) / 150);
    return mix(mix([44, 66, 128], [250, 172, 120], Math.min(1, y / 430)), [255, 214, 140], glow);
  };
  const ridges = ranges.map((range, index) =>
    Float64Array.from({ length: width }, (_, x) => ridge(range, x, index))
  );
  const scene = (x: number, y: number): Colour => {
    const column = Math.min(width - 1, Math.max(0, Math.round(x)));
    for (let index = ranges.length - 1; index >= 0; index--) {
      if (y > ridges[index]![column]!) return ranges[index]!.colour;
    }
    return sky(x, y);
  };
  return encodePng(width, height, (x, y) => {
    if (y < shore) return [...scene(x, y), 255];
    const depth = y - shore;
    const ripple = Math.sin(y * 0.9) * depth / 22;
    const mirrored = scene(x + ripple * 3, shore - depth * 1.6 + Math.sin(x / 31) * 2);
    return [...mix(mirrored, [24, 44, 84], 0.25 + depth / 500), 255];
  });
}

/** A disc with a star on nothing: transparent edges, to be trimmed, padded or given a background. */
function drawBadge(): Uint8Array {
  const size = 480;
  const centre = size / 2;
  return encodePng(size, size, (x, y) => {
    const [dx, dy] = [x + 0.5 - centre, y + 0.5 - centre];
    const distance = Math.hypot(dx, dy);
    const angle = Math.atan2(dx, -dy);
    const star = 95 + 42 * Math.cos(5 * angle);
    const disc = mix([18, 120, 150], [64, 190, 160], (dy + 190) / 380);
    const ringed = mix(disc, [240, 250, 248], edge(8 - Math.abs(distance - 165)));
    const colour = mix(ringed, [255, 214, 90], edge(star - distance));
    return [...colour, Math.round(255 * edge(190 - distance))];
  });
}

/** Three moons of a planet, in 24 frames. */
function drawOrbit(): Uint8Array {
  const [width, height, count] = [320, 240, 24];
  const palette: readonly Colour[] = [
    [16, 20, 38],
    [240, 244, 255],
    [236, 140, 70],
    [120, 200, 255],
    [180, 230, 140],
    [250, 210, 110],
    [60, 70, 110],
    [200, 100, 50],
  ];
  const backdrop = new Uint8Array(width * height).map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const [dx, dy] = [x - 160, y - 120];
    if (Math.hypot(dx, dy) < 34) return dx * 0.83 + dy * 0.56 > 12 ? 7 : 2;
    const orbit = Math.hypot(dx / 1.25, dy / 0.8);
    if ([60, 88, 108].some((radius) => Math.abs(orbit - radius) < 0.7)) return 6;
    return (x * 7919 + y * 104_729 + (x ^ y) * 31) % 613 === 0 ? 1 : 0;
  });
  const moons = [
    { radius: 60, turns: 1, colour: 3, size: 8 },
    { radius: 88, turns: 2, colour: 4, size: 6 },
    { radius: 108, turns: 1, colour: 5, size: 11 },
  ];
  const frames = Array.from({ length: count }, (_, frame) => {
    const indices = backdrop.slice();
    for (const { radius, turns, colour, size } of moons) {
      const angle = 2 * Math.PI * turns * frame / count + radius;
      const x = Math.round(160 + radius * 1.25 * Math.cos(angle));
      const y = Math.round(120 + radius * 0.8 * Math.sin(angle));
      for (let dy = -size; dy <= size; dy++) {
        const half = Math.floor(Math.sqrt(size * size - dy * dy));
        indices.fill(colour, (y + dy) * width + x - half, (y + dy) * width + x + half + 1);
      }
    }
    return indices;
  });
  return encodeGif({ width, height, palette, frames, delay: 6 });
}

/** A sign by the road to the lake, of shapes, a gradient, dashes and words, in 240 by 160. */
function drawSign(): Uint8Array {
  const hills = [[20, 96, 70], [90, 78, 80], [150, 90, 70]].map(([x, y, wide]) =>
    `<path d="M${x} 112 q${wide! / 2} ${(y! - 112) * 2} ${wide} 0z" fill="#3d5a6c" opacity=".8"/>`
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 160">
  <defs>
    <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#fbd7a0"/><stop offset="1" stop-color="#f08a5d"/></linearGradient>
    <clipPath id="plate"><rect x="12" y="12" width="216" height="112" rx="14"/></clipPath>
  </defs>
  <path d="M112 124h16v36h-16z" fill="#6b4f3a"/>
  <g clip-path="url(#plate)">
    <rect x="12" y="12" width="216" height="112" fill="url(#sky)"/>
    <circle cx="176" cy="62" r="20" fill="#fff4d6"/>
    ${hills.join("\n    ")}
    <rect x="12" y="96" width="216" height="28" fill="#2f6690"/>
    <path d="M20 106h80M130 112h84M60 118h90" stroke="#9fd3e6" stroke-width="1.5" stroke-dasharray="9 5"/>
  </g>
  <rect x="12" y="12" width="216" height="112" rx="14" fill="none" stroke="#24323f" stroke-width="4"/>
  <text x="26" y="46" font-family="sans-serif" font-size="22" fill="#24323f">To the lake</text>
  <text x="26" y="66" font-family="sans-serif" font-size="12" fill="#24323f">2.4 km</text>
</svg>
`;
  return new TextEncoder().encode(svg);
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const part = Math.min(1, Math.max(0, share));
  return [
    Math.round(from[0] + (to[0] - from[0]) * part),
    Math.round(from[1] + (to[1] - from[1]) * part),
    Math.round(from[2] + (to[2] - from[2]) * part),
  ];
}

/** Coverage of a pixel this far inside an edge: 0 outside, 1 inside, soft over one pixel. */
function edge(inside: number): number {
  return Math.min(1, Math.max(0, inside + 0.5));
}

/** RGBA, 8 bits, every row stored as its difference from the one above, which suits gradients. */
function encodePng(
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly number[],
): Uint8Array {
  const stride = width * 4;
  const rows = new Uint8Array(height * (stride + 1));
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const row = new Uint8Array(stride);
    for (let x = 0; x < width; x++) row.set(pixel(x, y), x * 4);
    const start = y * (stride + 1);
    rows[start] = 2;
    for (let at = 0; at < stride; at++) rows[start + 1 + at] = row[at]! - above[at]!;
    above = row;
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6], 8);
  return concatenate([
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk("IHDR", header),
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", new Uint8Array()),
  ]);
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(12 + data.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, data.length);
  chunk.set(new TextEncoder().encode(type), 4);
  chunk.set(data, 8);
  view.setUint32(8 + data.length, crc32(chunk.subarray(4, 8 + data.length)));
  return chunk;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
