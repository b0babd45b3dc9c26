// Writes animations of few colours: the sample that moves. The engine could, but lives in workers only.

export interface GifPicture {
  width: number;
  height: number;
  /** 2 to 256 colours, a power of two of them. */
  palette: readonly (readonly number[])[];
  /** Indices into the palette, one byte a pixel. */
  frames: readonly Uint8Array[];
  /** Hundredths of a second that each frame stays. */
  delay: number;
}

/** A GIF that plays for ever. */
export function encodeGif({ width, height, palette, frames, delay }: GifPicture): Uint8Array {
  const bits = Math.max(1, Math.ceil(Math.log2(palette.length)));
  const size = [width & 255, width >> 8, height & 255, height >> 8];
  const text = (letters: string) => new TextEncoder().encode(letters);
  return new Uint8Array([
    ...text("GIF89a"),
    ...size,
    ...[0xf0 | (bits - 1), 0, 0],
    ...palette.flat(),
    ...[0x21, 0xff, 11, ...text("NETSCAPE2.0"), 3, 1, 0, 0, 0],
    ...frames.flatMap((indices) => [
      ...[0x21, 0xf9, 4, 4, delay & 255, delay >> 8, 0, 0],
      ...[0x2c, 0, 0, 0, 0, ...size, 0],
      ...compress(indices, Math.max(2, bits)),
    ]),
    0x3b,
  ]);
}

/** GIF's variant of LZW: codes of growing width, packed from the low bit, in blocks of up to 255 bytes. */
function compress(indices: Uint8Array, minimum: number): number[] {
  const clear = 1 << minimum;
  const bytes: number[] = [];
  let [pending, filled, width] = [0, 0, minimum + 1];
  const put = (code: number) => {
    pending |= code << filled;
    for (filled += width; filled >= 8; filled -= 8, pending >>>= 8) bytes.push(pending & 255);
  };
  let table = new Map<number, number>();
  put(clear);
  let run = indices[0]!;
  for (const index of indices.subarray(1)) {
    const key = run << 8 | index;
    const known = table.get(key);
    if (known !== undefined) {
      run = known;
      continue;
    }
    put(run);
    const next = clear + 2 + table.size;
    table.set(key, next);
    if (next === 1 << width) width++;
    if (next === 4095) {
      put(clear);
      table = new Map();
      width = minimum + 1;
    }
    run = index;
  }
  put(run);
  put(clear + 1);
  if (filled > 0) bytes.push(pending & 255);
  const blocks: number[] = [minimum];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  return [...blocks, 0];
}
