import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { createPngEncoder } from "../../../../src/image/formats/png/encode_png.ts";
import type { PixelBuffer } from "../../../../src/image/pixels/pixel_buffer.ts";
import { DISPLAY_P3 } from "../../../testing/colours.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { look, startEngine } from "../../../testing/pictures.ts";

await startEngine();
const encoder = createPngEncoder();

/** Greys, few colours, or as they are; of the sizes that matter to rows that share bytes and to passes. */
const KINDS: readonly (readonly [string, (pixels: PixelBuffer) => void])[] = [
  ["as they are", () => {}],
  ["of 256 colours at most", ({ data }) => data.forEach((value, at) => data[at] = value & 0xc0)],
  [
    "of 4 colours",
    ({ data, channels }) =>
      reduce(data, channels, [[1, 2, 3, 255], [9, 8, 7, 0], [0, 0, 0, 128], [255, 9, 9, 255]]),
  ],
  [
    "of 2 colours",
    ({ data, channels }) => reduce(data, channels, [[1, 2, 3, 255], [255, 254, 3, 255]]),
  ],
  ["of 1 colour", ({ data, channels }) => reduce(data, channels, [[0, 0, 0, 0]])],
  [
    "of 16 greys",
    ({ data, channels }) =>
      data.forEach((_, at) =>
        data[at] = isAlpha(at, channels) ? 255 : (data[at - at % channels]! >> 4) * 17
      ),
  ],
  [
    "without colour",
    ({ data, channels }) =>
      data.forEach((value, at) =>
        data[at] = isAlpha(at, channels) ? value : data[at - at % channels]!
      ),
  ],
  [
    "opaque",
    ({ data, channels }) =>
      data.forEach((value, at) => data[at] = isAlpha(at, channels) ? 255 : value),
  ],
];

function isAlpha(at: number, channels: number): boolean {
  return channels % 2 === 0 && at % channels === channels - 1;
}

function reduce(data: Uint8Array, channels: number, colours: readonly (readonly number[])[]): void {
  for (let at = 0; at < data.length; at += channels) {
    const colour = colours[data[at]! % colours.length]!;
    for (let channel = 0; channel < channels; channel++) {
      data[at + channel] = isAlpha(channel, channels) ? colour[3]! : colour[channel]!;
    }
  }
}

/** What is seen, as RGBA; the colour of what is transparent is nobody's business. */
function seen(rgba: Uint8Array): Uint8Array {
  return rgba.map((value, at) => rgba[at | 3] === 0 ? 0 : value);
}

function rgbaOf({ data, channels, hasAlpha }: PixelBuffer): Uint8Array {
  const rgba = new Uint8Array(data.length / channels * 4).fill(255);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    for (let colour = 0; colour < 3; colour++) {
      rgba[to + colour] = data[from + (channels < 3 ? 0 : colour)]!;
    }
    if (hasAlpha) rgba[to + 3] = data[from + channels - 1]!;
  }
  return rgba;
}

for (const [kind, change] of KINDS) {
  Deno.test(`encode() loses nothing of pixels ${kind}`, () => {
    for (const channels of [1, 2, 3, 4] as const) {
      for (
        const [width, height] of [[61, 43], [300, 2], [17, 90], [1, 1], [9, 1], [3, 8]] as const
      ) {
        const pixels = photo(width, height, { channels, grain: 255 });
        change(pixels);
        for (const isInterlaced of [false, true]) {
          const file = encoder.encode(pixels, { level: 6, isInterlaced });
          assert.equal(file[28], isInterlaced ? 1 : 0);
          const looked = look(file);
          assert.deepEqual([looked.width, looked.height], [width, height]);
          assert.deepEqual(
            seen(looked.frames[0]!.rgba),
            seen(rgbaOf(pixels)),
            `${width}x${height} of ${channels}`,
          );
        }
      }
    }
  });
}

Deno.test("encode() keeps every grey apart from the transparent one beside it", () => {
  for (let key = 0; key < 256; key++) {
    const around = [key - 1, key, key + 1].map((grey) => Math.min(255, Math.max(0, grey)));
    const data = Uint8Array.from(around.flatMap((grey, at) => [grey, at === 1 ? 0 : 255]));
    const pixels = { data, width: 3, height: 1, channels: 2, hasAlpha: true } as const;
    const { rgba } = look(encoder.encode(pixels, { level: 1 })).frames[0]!;
    assert.deepEqual([rgba[0], rgba[3], rgba[7], rgba[8], rgba[11]], [
      around[0],
      255,
      0,
      around[2],
      255,
    ]);
  }
});

Deno.test("encode() needs no more space than the engine", () => {
  for (const channels of [1, 2, 3, 4] as const) {
    for (const [kind, change] of KINDS) {
      const pixels = photo(400, 300, { channels, grain: 0 });
      change(pixels);
      const theirs = writeByEngine(pixels, "PNG", { defines: { "png:compression-level": "6" } });
      const ours = encoder.encode(pixels, { level: 6 });
      assert.ok(
        ours.length < theirs.length * 1.08 + 40,
        `${channels} channels ${kind}: ${ours.length}, engine: ${theirs.length}`,
      );
    }
  }
});

Deno.test("encode() takes time to look for repetitions where there are some, and not in grain", () => {
  for (const isInterlaced of [false, true]) {
    const sizes = (grain: number) => {
      const pixels = photo(400, 300, { channels: 3, grain });
      return [3, 6, 9].map((level) => encoder.encode(pixels, { level, isInterlaced }).length);
    };
    const grainy = sizes(40), smooth = sizes(0);
    assert.equal(grainy[1], grainy[0]);
    assert.ok(smooth[1]! < smooth[0]! * 0.97, `${smooth}`);
    // Who asks for the fewest bytes gets them.
    assert.notEqual(grainy[2], grainy[0]);
  }
});

// what is shown, colour type and bits of the smallest form
const FORMS: readonly (readonly [string, PixelBuffer["channels"], number, number])[] = [
  ["as they are", 3, 2, 8],
  ["as they are", 4, 6, 8],
  ["as they are", 1, 0, 8],
  ["as they are", 2, 4, 8],
  ["opaque", 4, 2, 8],
  ["of 256 colours at most", 3, 3, 8],
  ["of 4 colours", 4, 3, 2],
  ["of 2 colours", 3, 3, 1],
  ["without colour", 3, 0, 8],
  ["of 16 greys", 3, 0, 4],
  ["of 16 greys", 2, 0, 4],
];

Deno.test("encode() finds the smallest form", () => {
  for (const [kind, channels, colourType, bits] of FORMS) {
    const pixels = photo(100, 100, { channels, grain: 255 });
    KINDS.find(([name]) => name === kind)![1](pixels);
    const file = encoder.encode(pixels, { level: 6 });
    assert.deepEqual([file[25], file[24]], [colourType, bits], `${kind}, ${channels} channels`);
  }
});

Deno.test("encode() writes colours where a profile explains colours, and greys where it explains those", () => {
  const pixels = photo(50, 50, { channels: 3 });
  KINDS.find(([name]) => name === "without colour")![1](pixels);
  const said = [{ type: "iCCP", data: Uint8Array.of(0x69, 0, 0, ...deflateSync(DISPLAY_P3)) }];
  const file = encoder.encode(pixels, { level: 6, said });
  assert.notEqual(file[25]! & 2, 0);
  // And greys where it explains greys, even such as a palette would hold.
  for (const channels of [1, 2] as const) {
    const greys = photo(50, 50, { channels });
    KINDS.find(([name]) => name === "of 2 colours")![1](greys);
    const own = encoder.encode(greys, { level: 6, said });
    assert.equal(own[25]! & 2, 0);
    assert.deepEqual(seen(look(own).frames[0]!.rgba), seen(rgbaOf(greys)));
  }
  assert.deepEqual(look(file).frames[0]!.rgba, rgbaOf(pixels));
});
