// What is laid over a picture, as options write it: `overlay:logo:se:10:10:0.2:0.5`.
import { layOver } from "../paint/layer.ts";
import {
  FINE,
  formatParts,
  isFine,
  isLength,
  type LayerPlacement,
  MOST,
  problemWithPlacement,
  sideOf,
} from "./layer_placement.ts";
import { parseDecimal } from "./number.ts";
import { malformed, type Option, type Token } from "./option.ts";

/** The options that lay something over the picture, from the lowest to the topmost. */
export const OVERLAY_NAMES = ["overlay", "overlay2", "overlay3", "overlay4"] as const;
export type OverlayName = (typeof OVERLAY_NAMES)[number];

export interface Overlay extends LayerPlacement {
  /** A name that the setting `overlay` gives, or the base64url of a URL. */
  picture: string;
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

/** Whether anything is laid over the picture. */
export function laysOver(
  { text, ...options }: { readonly [Name in OverlayName]?: Overlay } & { text?: unknown },
): boolean {
  return text !== undefined || overlaysIn(options).length > 0;
}

/** The options without those that lay something over the picture. */
export function withoutOverlays<O extends { readonly [Name in OverlayName]?: Overlay }>(
  { overlay: _1, overlay2: _2, overlay3: _3, overlay4: _4, ...others }: O,
): Omit<O, OverlayName> {
  return others;
}

const FORM = "{picture}[:{gravity}[:{x}[:{y}[:{width}[:{opacity}]]]]]";
const USUAL = { gravity: "c", x: 0, y: 0, width: 0, opacity: 1 } as const;

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
      if (shown) layOver(picture, shown, { gravity: sideOf(gravity), x, y, opacity, scale });
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

function problemWith({ picture, width, opacity, ...placement }: Overlay): string | undefined {
  if (!/^[\w-]+$/.test(picture)) {
    return "the picture is a name of the server's setting overlay, or the base64url of a URL";
  }
  const problem = problemWithPlacement(placement);
  if (problem) return problem;
  if (!isLength(width) || width < 0) {
    return `the width is whole pixels up to ${MOST}, a share between 0 and 1${FINE}, or 0 for its own`;
  }
  const isShare = isFine(opacity) && opacity >= 0 && opacity <= 1;
  return isShare ? undefined : `the opacity is a number from 0 to 1${FINE}`;
}

function formatOverlay({ picture, gravity, x, y, width, opacity }: Overlay): string {
  return formatParts([picture, gravity, x, y, width, opacity], Object.values(USUAL));
}
