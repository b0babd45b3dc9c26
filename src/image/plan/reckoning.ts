// Sizes to the pixel as servers that stand on libvips come to them: they shrink a JPEG or a WebP while they
// load it, and the whole pixels that this leaves decide the side that follows from the other one. It is done
// in the doubles, and in the order, in which they do it: these say which way half a pixel goes.
import type { FitMode, Reckoner } from "../../options/table.ts";
import { roundedToEven, type Size } from "../pixels/geometry.ts";

/** What of the original some reckon with. */
export interface Loaded {
  /** Of all of it, upright. */
  size?: Size;
  /** Its format, where it may be shrunk on loading: undefined for what is trimmed first. */
  format?: string | undefined;
  /** Whether all of its frames are wanted, which libvips has as one column. */
  moves?: boolean;
}

export interface Loading extends Loaded {
  reckon: Reckoner;
}

/** How many times smaller the result has to be than what a JPEG is shrunk to on loading, at least. */
const ROOM_LEFT: Readonly<Record<Reckoner, number>> = {
  libvips: Infinity,
  thumbnail: 2,
  imagor: 2,
  sharp: 1,
  weserv: 1,
  imgproxy: 1,
};

/** The size of a picture as it is loaded for a result that is this many times smaller. */
export function loadedSize(
  picture: Size,
  shrink: number,
  { reckon, format, moves = false }: Loading,
): Size {
  if (reckon === "libvips" || moves || shrink <= 1) return picture;
  if (format === "webp") {
    // imagor decodes what may move.
    if (reckon === "imagor") return picture;
    return {
      width: roundedToEven(picture.width * (1 / shrink)),
      height: roundedToEven(picture.height * (1 / shrink)),
    };
  }
  if (format !== "jpeg") return picture;
  const by = jpegShrink(shrink, reckon);
  return by === 1
    ? picture
    : { width: Math.floor(picture.width / by), height: Math.floor(picture.height / by) };
}

/** The whole number that libjpeg shrinks by: sharp takes half of one that leaves nearly nothing to do. */
function jpegShrink(shrink: number, reckon: Reckoner): number {
  const most = [8, 4, 2].find((by) => shrink >= by * ROOM_LEFT[reckon]) ?? 1;
  return reckon === "sharp" && most > 1 && Math.trunc(shrink) === most ? most / 2 : most;
}

/** A length after libvips' resize by a scale, at least 1. */
export function resizedLength(length: number, scale: number): number {
  const atLeast = Math.max(scale, 1 / length);
  const exact = atLeast < 1 ? length / (1 / atLeast) : length * atLeast;
  return Math.max(1, Math.floor(exact + 0.5));
}

/**
 * The size of the picture's own shape that has the one side that the box names, or that lies inside or around a
 * whole box.
 */
export function reckonedSize(
  picture: Size,
  box: Size,
  { fit, ...loading }: Loading & { fit?: FitMode | undefined },
): Size {
  const isOutside = fit === "outside" && box.width > 0 && box.height > 0;
  const shrinkOf = ({ width, height }: Size) => {
    const each = [
      ...(box.width > 0 ? [width / box.width] : []),
      ...(box.height > 0 ? [height / box.height] : []),
    ];
    return isOutside ? Math.min(...each) : Math.max(...each);
  };
  // No side is shrunk to nothing.
  const common = (size: Size) => Math.min(shrinkOf(size), size.width, size.height);
  if (loading.reckon === "imgproxy") {
    const shrink = shrinkOf(picture);
    const size = imgproxySize(picture, {
      wide: 1 / Math.min(shrink, picture.width),
      high: 1 / Math.min(shrink, picture.height),
    }, loading);
    return {
      width: Math.min(size.width, box.width || Infinity),
      height: Math.min(size.height, box.height || Infinity),
    };
  }
  const size = loadedSize(picture, common(picture), loading);
  const shrink = shrinkOf(size);
  const high = Math.min(shrink, size.height);
  return {
    width: resizedLength(size.width, 1 / Math.min(shrink, size.width)),
    // No frame of a column may end within a pixel.
    height: loading.moves
      ? Math.max(1, roundedToEven(size.height / high))
      : resizedLength(size.height, 1 / high),
  };
}

/** Each side's factor, as imgproxy holds them. */
interface Scales {
  wide: number;
  high: number;
}

/** What imgproxy makes of a crop's sides, 0 for none, by factors that it found for the picture before it loaded it. */
export function imgproxySize(
  picture: Size,
  { wide, high }: Scales,
  { crop = { width: 0, height: 0 }, ...loading }: Loading & { crop?: Size },
): Size {
  const shrink = Math.min(
    picture.width / Math.round(picture.width * wide),
    picture.height / Math.round(picture.height * high),
  );
  const loaded = loadedSize(picture, shrink, loading);
  const along = (side: "width" | "height", factor: number) => {
    const by = picture[side] / loaded[side];
    const scale = factor * by;
    // What is as large as wanted is not touched again.
    const isExact = loaded !== picture && Math.round(loaded[side] * scale) === loaded[side];
    const kept = crop[side] > 0 ? Math.max(1, Math.round(crop[side] / by)) : loaded[side];
    return resizedLength(Math.min(kept, loaded[side]), isExact ? 1 : scale);
  };
  return { width: along("width", wide), height: along("height", high) };
}
