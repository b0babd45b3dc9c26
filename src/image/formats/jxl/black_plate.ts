// A CMYK JPEG XL holds its inks in the channels of colours, black in a channel of its own, and what they look like
// in its profile. The engine hands out nothing beside colours and alpha: so it decodes twice.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { spaceOf } from "../../colour/known_profile.ts";
import type { Engine } from "../../pixels/engine.ts";
import { readPixels, replacePixels } from "../../pixels/pixels.ts";
import { createReader } from "../reading/byte_reader.ts";
import { ALPHA, BLACK } from "./jxl_metadata.ts";
import { type Bits, partsOf, withPlainColours } from "./plain_colours.ts";

const STEPS = { name: "JPEG XL file", maxSteps: 50_000 };

/**
 * The file with its black plate in the place of its alpha, and nothing that would explain its colours: the engine
 * hands out no other channel beside them. Undefined where it has no black plate.
 */
export function blackAsAlpha(bytes: Uint8Array): Uint8Array | undefined {
  const parts = partsOf(createReader(bytes, STEPS));
  if (!parts?.metadata.extraChannels.includes(BLACK)) return undefined;
  return withPlainColours(parts, exchanged);
}

/** Black as alpha that is not multiplied in, and alpha as black (ISO 18181-1 annex D.3.6). */
function exchanged(type: number, whole: Bits, rest: Bits | undefined): Bits {
  if (type === BLACK) return [0, ...[0, 0], ...rest!, 0];
  if (type !== ALPHA) return whole;
  const asBlack = [0, ...[0, 1], ...[0, 1, 0, 0]];
  // Of 8 bits, in full resolution, without a name.
  return [...asBlack, ...rest?.slice(0, -1) ?? [0, 0, 0, 0, 0, 0, 0]];
}

/**
 * Gives a frame, as the engine hands it out, the inks that it is of: those in its colours, and black from the alpha
 * of `plate`. Nothing where its profile is not of inks.
 */
export function giveInks(frame: IMagickImage, plate: IMagickImage, engine: Engine): void {
  const profile = frame.getColorProfile()?.data?.slice();
  if (!profile || spaceOf(profile) !== "cmyk") return;
  const black = readPixels(plate)!.data.filter((_, index) => index % 4 === 3);
  const { data, width, height, channels } = readPixels(frame)!;
  const isOpaque = channels === 3 || black.every((_, pixel) => data[pixel * channels + 3] === 255);
  const inks = isOpaque ? 4 : 5;
  const pixels = new Uint8Array(black.length * inks);
  for (
    let pixel = 0, from = 0, to = 0;
    pixel < black.length;
    pixel++, from += channels, to += inks
  ) {
    // The more of a value, the less ink.
    for (let ink = 0; ink < 3; ink++) pixels[to + ink] = 255 - data[from + ink]!;
    pixels[to + 3] = 255 - black[pixel]!;
    if (!isOpaque) pixels[to + 4] = data[from + 3]!;
  }
  // The engine's own conversion of every pixel is slow, and not wanted.
  frame.crop(new engine.MagickGeometry(0, 0, 1, 1));
  frame.resetPage();
  if (isOpaque) frame.hasAlpha = false;
  // This takes the profile away.
  frame.colorSpace = engine.ColorSpace.CMYK;
  frame.setProfile(new engine.ColorProfile(profile));
  replacePixels(frame, { data: pixels, width, height });
}
