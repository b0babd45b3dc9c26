// CMYK without a profile. Inks on paper are far from the ideal ones of (1 - C)(1 - K): these sixteen
// colours are what each overprint of solid inks looks like on coated web offset paper (SWOP), and a
// tint is the mixture of its neighbours by the area that each covers (Neugebauer). The numbers were
// fitted to 2,916 colours of a characterised press: 2.3 ΔE away on average, where the formula is 19.

/** How a share of ink becomes the area covered: 1 - (1 - share) to this power, for C, M, Y and K. */
const COVERAGE = [0.938, 0.863, 0.913, 0.938] as const;

/** Encoded sRGB of the overprints; the bits of the index are C, M, Y and K. Negative is out of gamut. */
// deno-fmt-ignore
const OVERPRINTS = [
  1, 1, 1, -0.037, 0.645, 0.875, 0.9, 0.119, 0.499, 0.218, 0.194, 0.548,
  1.006, 0.887, 0.15, 0.056, 0.638, 0.32, 0.929, 0.179, 0.179, 0.218, 0.199, 0.211,
  0.156, 0.147, 0.163, -0.106, 0.117, 0.181, 0.181, -0.044, 0.088, -0.025, -0.088, 0.091,
  0.15, 0.161, -0.025, -0.094, 0.114, -0.019, 0.152, -0.063, -0.131, -0.019, -0.05, -0.063,
];

/** Ink shares of 0…255, four per pixel, to sRGB, three per pixel. */
export function cmykToSrgb(cmyk: Uint8Array): Uint8Array<ArrayBuffer> {
  const areas = COVERAGE.map((power) =>
    Float64Array.from({ length: 256 }, (_, ink) => 1 - (1 - ink / 255) ** power)
  );
  const [cyan, magenta, yellow, black] = areas as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const rgb = new Uint8ClampedArray(cmyk.length / 4 * 3);
  const mixed = new Float64Array(24);
  let last = -1;
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const key = cmyk[from]! << 16 | cmyk[from + 1]! << 8 | cmyk[from + 2]! | cmyk[from + 3]! << 24;
    if (key === last && to > 0) {
      rgb.copyWithin(to, to - 3, to);
      continue;
    }
    last = key;
    mix(OVERPRINTS, black[cmyk[from + 3]!]!, { half: 24, into: mixed });
    mix(mixed, yellow[cmyk[from + 2]!]!, { half: 12, into: mixed });
    mix(mixed, magenta[cmyk[from + 1]!]!, { half: 6, into: mixed });
    mix(mixed, cyan[cmyk[from]!]!, { half: 3, into: mixed });
    for (let channel = 0; channel < 3; channel++) rgb[to + channel] = mixed[channel]! * 255;
  }
  return new Uint8Array(rgb.buffer);
}

/** Mixes the second half of a list into the first by the area that it covers. */
function mix(
  from: ArrayLike<number>,
  area: number,
  { half, into }: { half: number; into: Float64Array },
): void {
  for (let index = 0; index < half; index++) {
    const bare = from[index]!;
    into[index] = bare + (from[index + half]! - bare) * area;
  }
}
