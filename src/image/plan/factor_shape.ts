// The shape of `resize:`: a factor for each side of the picture, found step by step as imgproxy does, so that
// least sides, zooms, dpr and room around the picture come together as they do there. What is enlarged has
// that in the factors; everything behind them is in pixels of the result.
import type { Placement } from "../../options/placement.ts";
import type { Options, Resize } from "../../options/table.ts";
import { type Rect, roundedToEven, type Size } from "../pixels/geometry.ts";
import { atSide } from "./following_side.ts";
import { CENTRED, placed } from "./placement.ts";
import { imgproxySize, type Loaded } from "./reckoning.ts";
import { cropOf, scaledPlacement } from "./region.ts";
import type { Canvas, ShapePlan } from "./shape_plan.ts";

export interface FactorSettings {
  /** Whether the size may enlarge the picture. */
  scaleUp: boolean;
  /** Whether the least sides may. */
  leastScaleUp: boolean;
  /** What `reckon:imgproxy` goes by. */
  original?: Loaded | undefined;
}

/** How many pixels of the picture become one of the result, for each side, and what dpr has come to. */
interface Factors {
  wide: number;
  high: number;
  dpr: number;
}

/** The region of the crop and the size that `resize:` asks for, and the room of `extend:` and `extendratio:`. */
export function factorShape(
  options: Options & { resize: Resize },
  picture: Size,
  settings: FactorSettings,
): ShapePlan {
  const { resize, focus, gravity = CENTRED, extend, extendRatio, rotate = 0 } = options;
  const crop = cropOf(options, picture);
  const factors = factorsOf(resize, crop, {
    ...settings,
    extends: extend !== undefined,
    isTurned: rotate % 180 === 90,
  });
  const { dpr } = factors;
  const planned = {
    width: Math.max(1, times(crop.width, 1 / factors.wide)),
    height: Math.max(1, times(crop.height, 1 / factors.high)),
  };
  const scaled = reckoned(options, {
    picture,
    crop,
    factors,
    planned,
    original: settings.original,
  });
  const wanted = {
    width: times(resize.width, dpr * resize.zoom.x),
    height: times(resize.height, dpr * resize.zoom.y),
  };
  const kept = resize.type === "fill-down" && !settings.scaleUp
    ? narrowed(wanted, planned)
    : wanted;
  const within = (size: Size) => ({
    width: Math.min(size.width, kept.width || size.width),
    height: Math.min(size.height, kept.height || size.height),
  });
  const target = within(scaled);
  const at = focus
    ? around(focus, { size: target, within: scaled })
    : placed(target, scaled, scaledPlacement(gravity, { x: dpr, y: dpr }));
  const back = { x: crop.width / scaled.width, y: crop.height / scaled.height };
  const region = {
    x: crop.x + Math.round(at.x * back.x),
    y: crop.y + Math.round(at.y * back.y),
    width: Math.max(1, Math.round(target.width * back.x)),
    height: Math.max(1, Math.round(target.height * back.y)),
  };
  region.x = Math.min(region.x, crop.x + crop.width - region.width);
  region.y = Math.min(region.y, crop.y + crop.height - region.height);
  const inBox = extend
    ? roomAround({ ...target, x: 0, y: 0 }, wanted, { place: extend, dpr })
    : undefined;
  const ratioBox = extendRatio && wanted.width > 0 && wanted.height > 0
    ? covering(wanted, within(planned))
    : undefined;
  const canvas = extendRatio && ratioBox
    ? roomAround(inBox ?? { ...target, x: 0, y: 0 }, ratioBox, { place: extendRatio, dpr })
    : inBox;
  return { region, target, scale: dpr, ...(canvas && { canvas }) };
}

/** The size that the crop is scaled to, where a rounding or another program's reckoning says that it is not the planned one. */
function reckoned(
  options: Options & { resize: Resize },
  { picture, crop, factors, planned, original }: {
    picture: Size;
    crop: Rect;
    factors: Factors;
    planned: Size;
    original: Loaded | undefined;
  },
): Size {
  const { reckon, evenHalves, roundDown, resize: { type, width, height } } = options;
  if (reckon === "imgproxy") {
    const scales = { wide: 1 / factors.wide, high: 1 / factors.high };
    return imgproxySize(picture, scales, { ...original, reckon, crop: cropSides(options, crop) });
  }
  if (!reckon && !evenHalves && !roundDown) return planned;
  if (type !== "fit" || (width === 0) === (height === 0)) return planned;
  const side = width === 0
    ? { width: 0, height: planned.height }
    : { width: planned.width, height: 0 };
  return atSide(crop, side, { ...options, original });
}

/** The sides that the options crop to; 0 for one that they leave whole. */
function cropSides({ placedCrop, crop: named }: Options, crop: Size): Size {
  return {
    width: (placedCrop?.width || named?.width) ? crop.width : 0,
    height: (placedCrop?.height || named?.height) ? crop.height : 0,
  };
}

function factorsOf(
  { type, width, height, zoom, least, dpr: asked }: Resize,
  source: Size,
  settings: FactorSettings & { extends: boolean; isTurned: boolean },
): Factors {
  let wide = source.width / (width || source.width);
  let high = source.height / (height || source.height);
  if (wide !== 1 || high !== 1) {
    // What is square lies, as it will be turned.
    const lies = (size: Size) =>
      settings.isTurned ? size.height >= size.width : size.width >= size.height;
    const box = { width: width || source.width, height: height || source.height };
    const fills = type === "auto" && lies(box) === lies(source);
    if (type === "force") {
      // Each side has its own.
    } else if (width === 0) wide = high;
    else if (height === 0) high = wide;
    else if (fills || type === "fill" || type === "fill-down") wide = high = Math.min(wide, high);
    else wide = high = Math.max(wide, high);
  }
  wide /= zoom.x;
  high /= zoom.y;
  let dpr = asked;
  if (!settings.scaleUp) {
    const lowest = Math.min(wide, high);
    if (lowest < 1) {
      wide /= lowest;
      high /= lowest;
      // A dpr below 1 would take a picture that is too small for its box even further from it.
      if (!settings.extends) dpr /= lowest;
    }
    dpr = Math.min(dpr, wide, high);
  }
  const bound = (side: number, wanted: number) =>
    Math.max(side / wanted, settings.leastScaleUp ? 0 : 1);
  if (least.width > 0 && bound(source.width, least.width) < wide) {
    high /= wide / bound(source.width, least.width);
    wide = bound(source.width, least.width);
  }
  if (least.height > 0 && bound(source.height, least.height) < high) {
    wide /= high / bound(source.height, least.height);
    high = bound(source.height, least.height);
  }
  return {
    wide: Math.min(wide / dpr, source.width),
    high: Math.min(high / dpr, source.height),
    dpr,
  };
}

/** A length times a factor, rounded; nothing stays nothing. */
function times(length: number, factor: number): number {
  // The factor is a quotient, which may lie a hair beside the half that is meant.
  return length === 0 ? 0 : Math.round(Number((length * factor).toFixed(9)));
}

/** The box in its shape as far as the picture reaches. */
function narrowed(box: Size, picture: Size): Size {
  const wide = box.width / picture.width;
  const high = box.height / picture.height;
  if (wide > high && wide > 1) {
    return { width: picture.width, height: times(picture.width, box.height / box.width) };
  }
  if (high > wide && high > 1) {
    return { width: times(picture.height, box.width / box.height), height: picture.height };
  }
  return box;
}

/** The smallest size of the box's shape that holds the picture; undefined where that has the shape. */
function covering(box: Size, picture: Size): Size | undefined {
  const wide = box.width / picture.width;
  const high = box.height / picture.height;
  if (high > wide) {
    return { width: picture.width, height: times(picture.width, box.height / box.width) };
  }
  if (wide > high) {
    return { width: times(picture.height, box.width / box.height), height: picture.height };
  }
  return undefined;
}

/** The canvas in a larger one, unless it is as large on both sides. */
function roomAround(
  canvas: Canvas,
  box: Size,
  { place, dpr }: { place: Placement; dpr: number },
): Canvas {
  if (box.width <= canvas.width && box.height <= canvas.height) return canvas;
  const size = { width: box.width || canvas.width, height: box.height || canvas.height };
  const at = placed(canvas, size, scaledPlacement(place, { x: dpr, y: dpr }));
  return { ...size, x: canvas.x + at.x, y: canvas.y + at.y };
}

function around(
  focus: { x: number; y: number },
  { size, within }: { size: Size; within: Size },
): { x: number; y: number } {
  const along = (side: "width" | "height", place: number) =>
    Math.max(
      0,
      Math.min(
        within[side] - size[side],
        roundedToEven(within[side] * place) - Math.floor(size[side] / 2),
      ),
    );
  return { x: along("width", focus.x), y: along("height", focus.y) };
}
