// Where something smaller lies in something larger, as options write it: `se:10:0.1`.
import { formatNumber, parseDecimal } from "./number.ts";
import { malformed, type Token } from "./option.ts";

/** By compass: halves of the free room on its left and above it. */
export const GRAVITIES = {
  c: { x: 1, y: 1 },
  n: { x: 1, y: 0 },
  ne: { x: 2, y: 0 },
  e: { x: 2, y: 1 },
  se: { x: 2, y: 2 },
  s: { x: 1, y: 2 },
  sw: { x: 0, y: 2 },
  w: { x: 0, y: 1 },
  nw: { x: 0, y: 0 },
} as const satisfies Record<string, { x: 0 | 1 | 2; y: 0 | 1 | 2 }>;
export type Gravity = keyof typeof GRAVITIES;

/** A gravity, and how far inward from there (from the middle: right and down): pixels, or shares of what it lies in. */
export interface Placement {
  gravity: Gravity;
  x: number;
  y: number;
}

/** `{gravity}[:{x}[:{y}]]`, already split. */
export function placementOf(
  token: Token,
  [gravity = "", ...offsets]: readonly string[],
): Placement {
  const [x = 0, y = 0] = offsets.map(parseDecimal);
  const isLength = (value: number) => Number.isInteger(value) || Math.abs(value) < 1;
  if (
    !Object.hasOwn(GRAVITIES, gravity) || offsets.length > 2 ||
    offsets.some((offset) => parseDecimal(offset) === undefined) || !isLength(x) || !isLength(y)
  ) {
    throw malformed(
      token,
      `the gravity is one of ${
        Object.keys(GRAVITIES).join(", ")
      }, behind it may be {x}:{y}, each whole pixels ` +
        "or a share between -1 and 1",
    );
  }
  return { gravity: gravity as Gravity, x, y };
}

export function formatPlacement({ gravity, x, y }: Placement): string {
  return x === 0 && y === 0 ? gravity : `${gravity}:${formatNumber(x)}:${formatNumber(y)}`;
}
