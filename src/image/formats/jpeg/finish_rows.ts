// From the samples of a JPEG's components to pixels: colours that have fewer samples are enlarged as libjpeg-turbo
// enlarges them, then mixed.
import { cmykToSrgb } from "../../colour/cmyk.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { Samples } from "./scan_file.ts";
import { type Layout, LINES, type Plane } from "./scan_layout.ts";

/** What the kernel exports for it. */
export interface FinishKernel {
  enlargeRow(to: number, near: number, far: number, sums: number, count: number): void;
  rgbRow(to: number, luma: number, blue: number, red: number, count: number): void;
}

/** Samples in a row up to which they are repeated, instead of blended. */
const REPEATED = 2;

/** What makes pixels of the planes, once. */
export function createFinisher(
  kernel: FinishKernel,
  layout: Layout,
): (samples: Samples) => PixelBuffer {
  const { frame, heap, width, height, planes, lines, out } = layout;
  const sums = lines[LINES - 1]!;

  /** Where the component has its samples for a row of the picture, as wide as that. */
  function lineOf(plane: Plane, { index, y }: { index: number; y: number }): number {
    const across = frame.across / plane.component.across;
    const down = frame.down / plane.component.down;
    const rowAt = (row: number) =>
      plane.samples + Math.min(plane.height - 1, Math.max(0, row)) * plane.stride;
    const near = Math.floor(y / down);
    // Between two rows the nearer one counts three times as much.
    const far = down === 2 ? near + (y & 1 ? 1 : -1) : near;
    const line = lines[index]!;
    if (across === 1 && down === 1) return rowAt(y);
    if (across === 2 && down <= 2 && plane.width > REPEATED) {
      kernel.enlargeRow(line, rowAt(near), rowAt(far), sums, plane.width);
    } else if (across === 1 && down === 2) {
      const [from, other] = [rowAt(near), rowAt(far)];
      const bias = 1 + (y & 1);
      for (let x = 0; x < width; x++) {
        heap[line + x] = (heap[from + x]! * 3 + heap[other + x]! + bias) >> 2;
      }
    } else {
      const from = rowAt(near);
      for (let x = 0; x < width; x++) heap[line + x] = heap[from + Math.floor(x / across)]!;
    }
    return line;
  }

  function interleave(to: number, channels: readonly number[]): void {
    for (const [channel, line] of channels.entries()) {
      for (let x = 0; x < width; x++) heap[to + x * channels.length + channel] = heap[line + x]!;
    }
  }

  return (samples) => {
    const channels = planes.length;
    for (let y = 0; y < height; y++) {
      const to = out + y * width * channels;
      const rows = planes.map((plane, index) => lineOf(plane, { index, y }));
      const [first = 0, blue = 0, red = 0, black = 0] = rows;
      if (samples === "grey") heap.copyWithin(to, first, first + width);
      else if (samples === "ycc") kernel.rgbRow(to, first, blue, red, width);
      else if (samples === "ycck") {
        // Three bytes for each pixel first, which then make room for a fourth.
        kernel.rgbRow(sums, first, blue, red, width);
        for (let x = 0; x < width; x++) {
          heap.copyWithin(to + x * 4, sums + x * 3, sums + x * 3 + 3);
          heap[to + x * 4 + 3] = 255 - heap[black + x]!;
        }
      } else interleave(to, rows);
    }
    const data = heap.subarray(out, out + width * height * channels);
    if (channels < 4) return { data, width, height, channels: channels as 1 | 3, hasAlpha: false };
    // Inks are stored inverted, as Adobe's programs store them; those of YCCK come out as they are.
    if (samples === "cmyk") { for (let at = 0; at < data.length; at++) data[at] = 255 - data[at]!; }
    return { data: cmykToSrgb(data), width, height, channels: 3, hasAlpha: false };
  };
}
