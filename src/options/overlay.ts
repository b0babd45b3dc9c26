// What is laid over a picture, as options write it: `overlay:logo:se:10:10:0.2:0.5`.
import { layOver } from "../paint/layer.ts";
import { formatNumber, parseDecimal } from "./number.ts";
import { malformed, type Option, type Token } from "./option.ts";
import { GRAVITIES, type Gravity } from "./placement.ts";

/** The options that lay something over the picture, from the lowest to the topmost. */
export const OVERLAY_NAMES = ["overlay", "overlay2", "overlay3", "overlay4"] as const;
export type OverlayName = (typeof OVERLAY_NAMES)[number];

export interface Overlay {
  /** A name that the setting `overlay` gives, or the base64url of a URL. */
  picture: string;
  gravity: Gravity | "tile";
  /** How far inward from there, or how far apart tiles are: pixels before dpr, or shares of the result. */
  x: number;
  y: number;
  /** Pixels before dpr, or a share of the result's width; 0 for its own. */
  width: number;
  /** From 0 to 1. */
  opacity: number;
}

/** The values that are laid over a picture, in their order. */
export function overlaysIn(
  options: { readonly [Name in OverlayName]?: Overlay },
): { name: OverlayName; overlay: Overlay }[] {
  return OVERLAY_NAMES.flatMap((name) => {
    const overlay = options[name];
    return overlay ? [{ name, overlay }] : [];
  });
}

/** The options without those that lay something over the picture. */
export function withoutOverlays<O extends { readonly [Name in OverlayName]?: Overlay }>(
  { overlay: _1, overlay2: _2, overlay3: _3, overlay4: _4, ...others }: O,
): Omit<O, OverlayName> {
  return others;
}

const FORM = "{picture}[:{gravity}[:{x}[:{y}[:{width}[:{opacity}]]]]]";
const USUAL = { gravity: "c", x: 0, y: 0, width: 0, opacity: 1 } as const;
/** Pixels: no picture is wider. */
const MOST = 65_535;

/** The option of this name; `summary` is a sentence. */
export function overlayOption(
  name: OverlayName,
  { summary, examples }: Pick<Option<Overlay>, "summary" | "examples">,
): Option<Overlay> {
  return {
    group: "over",
    syntax: `${name}:${FORM}`,
    summary,
    examples,
    tokens: { name },
    transforms: true,
    parse: parseOverlay,
    format: (overlay) => [`${name}:${formatOverlay(overlay)}`],
    paint(picture, { gravity, x, y, opacity }, { layer, scale }) {
      const shown = layer?.(name, picture);
      const where = gravity === "tile" ? gravity : GRAVITIES[gravity];
      if (shown) layOver(picture, shown, { gravity: where, x, y, opacity, scale });
    },
  };
}

function parseOverlay(token: Token): Overlay {
  const [picture = "", gravity = "", ...rest] = token.value.split(":");
  const [x, y, width, opacity, ...more] = rest.map((part) =>
    part === "" ? undefined : parseDecimal(part) ?? NaN
  );
  const overlay = {
    picture,
    gravity: (gravity || USUAL.gravity) as Overlay["gravity"],
    x: x ?? USUAL.x,
    y: y ?? USUAL.y,
    width: width ?? USUAL.width,
    opacity: opacity ?? USUAL.opacity,
  };
  const problem = more.length > 0 ? `it takes ${FORM}` : problemWith(overlay);
  if (problem) throw malformed(token, problem);
  return overlay;
}

function problemWith({ picture, gravity, x, y, width, opacity }: Overlay): string | undefined {
  if (!/^[\w-]+$/.test(picture)) {
    return "the picture is a name of the server's setting overlay, or the base64url of a URL";
  }
  if (gravity !== "tile" && !Object.hasOwn(GRAVITIES, gravity)) {
    return `the gravity is one of ${Object.keys(GRAVITIES).join(", ")}, or tile`;
  }
  const least = gravity === "tile" ? 0 : -Infinity;
  if (![x, y].every((length) => isLength(length) && length >= least)) {
    return gravity === "tile"
      ? `x and y, between tiles, are whole pixels up to ${MOST} or shares between 0 and 1${FINE}`
      : `x and y are whole pixels up to ${MOST} or shares between -1 and 1${FINE}`;
  }
  if (!isLength(width) || width < 0) {
    return `the width is whole pixels up to ${MOST}, a share between 0 and 1${FINE}, or 0 for its own`;
  }
  const isShare = isFine(opacity) && opacity >= 0 && opacity <= 1;
  return isShare ? undefined : `the opacity is a number from 0 to 1${FINE}`;
}

const FINE = " of at most four decimals";

/** Whether it is whole pixels, or a share. */
function isLength(value: number): boolean {
  const isPixels = Number.isInteger(value) && Math.abs(value) <= MOST;
  return isPixels || (Math.abs(value) < 1 && isFine(value));
}

function isFine(value: number): boolean {
  return Number(value.toFixed(4)) === value;
}

/** Without what is last and as usual. */
function formatOverlay({ picture, gravity, x, y, width, opacity }: Overlay): string {
  const parts = [gravity, x, y, width, opacity];
  const usual: readonly (string | number)[] = Object.values(USUAL);
  const last = parts.findLastIndex((part, at) => part !== usual[at]);
  const written = parts.slice(0, last + 1).map((part) =>
    typeof part === "number" ? formatNumber(part) : part
  );
  return [picture, ...written].join(":");
}
