// What a picture comes to in a few bytes: placeholders and colours, told of a small copy of it.
import { encode } from "blurhash";
import { rgbaToThumbHash } from "thumbhash";
import { type Colour, type Raster, underlay, WHITE } from "./raster.ts";

/** The picture at most `side` pixels a side, each the mean of those it stands for, by how opaque they are. */
export function smallRaster({ data, width, height }: Raster, side: number): Raster {
  const shrink = Math.max(1, Math.max(width, height) / side);
  const small = {
    width: Math.max(1, Math.round(width / shrink)),
    height: Math.max(1, Math.round(height / shrink)),
  };
  const result = new Uint8ClampedArray(small.width * small.height * 4);
  for (let y = 0; y < small.height; y++) {
    const [top, bottom] = span(y, height / small.height);
    for (let x = 0; x < small.width; x++) {
      const [left, right] = span(x, width / small.width);
      const sums = [0, 0, 0];
      let opacity = 0;
      for (let row = top; row < bottom; row++) {
        for (let at = (row * width + left) * 4; at < (row * width + right) * 4; at += 4) {
          const alpha = data[at + 3]!;
          opacity += alpha;
          for (let channel = 0; channel < 3; channel++) {
            sums[channel]! += data[at + channel]! * alpha;
          }
        }
      }
      const at = (y * small.width + x) * 4;
      for (let channel = 0; channel < 3 && opacity > 0; channel++) {
        result[at + channel] = sums[channel]! / opacity;
      }
      result[at + 3] = opacity / ((bottom - top) * (right - left));
    }
  }
  return { data: result, ...small };
}

/** Where the samples of one of several equal parts begin and end; at least one. */
function span(index: number, length: number): [number, number] {
  const start = Math.floor(index * length);
  return [start, Math.max(start + 1, Math.floor((index + 1) * length))];
}

/**
 * The BlurHash (https://github.com/woltapp/blurhash, Algorithm.md) over white, with four components along the
 * longer side and three along the other.
 */
export function blurHash(picture: Raster): string {
  const flat = { ...picture, data: new Uint8ClampedArray(picture.data) };
  underlay(flat, WHITE);
  const lies = picture.width >= picture.height;
  return encode(flat.data, picture.width, picture.height, lies ? 4 : 3, lies ? 3 : 4);
}

/** The ThumbHash (https://evanw.github.io/thumbhash/), in base64. */
export function thumbHash({ data, width, height }: Raster): string {
  return btoa(String.fromCharCode(...rgbaToThumbHash(width, height, data)));
}

/** Up to so many colours that stand for the picture, those of most pixels first; one that is not there says nothing. */
export function palette({ data }: Raster, count: number): Colour[] {
  const pixels: Colour[] = [];
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
    // What is hardly seen has no colour.
    if (alpha >= 128) pixels.push([red, green, blue, 255]);
  }
  if (pixels.length === 0) return [[0, 0, 0, 0]];
  // Median cut (Heckbert 1982): the box with the most to tell apart is halved where its pixels are.
  const boxes = [pixels];
  while (boxes.length < count) {
    const widest = boxes.map((box) => ({ box, ...widestChannel(box) }))
      .reduce((best, it) => it.spread * it.box.length > best.spread * best.box.length ? it : best);
    if (widest.spread === 0) break;
    const { box, channel } = widest;
    box.sort((a, b) => a[channel] - b[channel]);
    // Equal samples stay together.
    let half = box.length >> 1;
    const middle = box[half]![channel];
    while (half > 0 && box[half - 1]![channel] === middle) half--;
    if (half === 0) half = box.findIndex((colour) => colour[channel] > middle);
    boxes.splice(boxes.indexOf(box), 1, box.slice(0, half), box.slice(half));
  }
  return boxes.sort((a, b) => b.length - a.length).map(meanColour);
}

/** The colour of the largest of the groups that its pixels fall into. */
export function dominantColour(picture: Raster): Colour {
  return palette(picture, 8)[0]!;
}

function widestChannel(box: readonly Colour[]): { channel: 0 | 1 | 2; spread: number } {
  const spreads = ([0, 1, 2] as const).map((channel) => {
    let [least, most] = [255, 0];
    for (const colour of box) {
      least = Math.min(least, colour[channel]);
      most = Math.max(most, colour[channel]);
    }
    return { channel, spread: most - least };
  });
  return spreads.reduce((best, it) => it.spread > best.spread ? it : best);
}

function meanColour(box: readonly Colour[]): Colour {
  const mean = (channel: 0 | 1 | 2) =>
    Math.round(box.reduce((sum, colour) => sum + colour[channel], 0) / box.length);
  return [mean(0), mean(1), mean(2), 255];
}
