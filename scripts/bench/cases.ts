// What is measured, once for all contenders: each writes the same wish in its own words.
import type { PictureName } from "./pictures.ts";

export interface Case {
  name: string;
  picture: PictureName;
  width: number;
  format: "jpeg" | "png" | "webp" | "avif" | "gif";
  /** The same number for every contender; none where the format has none. */
  quality?: number;
  animated?: boolean;
  /** What sharp is asked for where it would take the smallest file and we do not. */
  effort?: number;
  /** The most that our time may be of sharp's, or of ipx's, where the project has set itself a target. */
  target?: { of: "sharp" | "ipx"; atMost: number };
}

export const CASES: readonly Case[] = [
  toJpeg(200, 1.1),
  toJpeg(720, 1),
  toJpeg(1400, 1),
  {
    name: "PNG with alpha → 600",
    picture: "alpha.png",
    width: 600,
    format: "png",
    target: { of: "sharp", atMost: 1 },
  },
  {
    name: "PNG photo → 600",
    picture: "photo.png",
    width: 600,
    format: "png",
    target: { of: "sharp", atMost: 1.1 },
  },
  {
    name: "PNG photo → WebP 600",
    picture: "photo.png",
    width: 600,
    format: "webp",
    quality: 80,
    target: { of: "sharp", atMost: 1.1 },
  },
  {
    name: "WebP → 400",
    picture: "photo.webp",
    width: 400,
    format: "webp",
    quality: 80,
    target: { of: "sharp", atMost: 1.15 },
  },
  {
    name: "AVIF → JPEG 600",
    picture: "wide.avif",
    width: 600,
    format: "jpeg",
    quality: 80,
    target: { of: "sharp", atMost: 1.7 },
  },
  {
    name: "GIF, 40 frames → 240",
    picture: "animation.gif",
    width: 240,
    format: "gif",
    animated: true,
    target: { of: "sharp", atMost: 1.3 },
  },
  { name: "JPEG → WebP 720", picture: "photo.jpg", width: 720, format: "webp", quality: 80 },
  {
    name: "JPEG → AVIF 720",
    picture: "photo.jpg",
    width: 720,
    format: "avif",
    quality: 50,
    effort: 1,
    target: { of: "sharp", atMost: 1.3 },
  },
];

function toJpeg(width: number, atMost: number): Case {
  const shared = { picture: "photo.jpg", format: "jpeg", quality: 80 } as const;
  return { name: `JPEG → ${width}`, width, target: { of: "sharp", atMost }, ...shared };
}

/**
 * What the web has: of twenty requests twelve for a JPEG, four for a PNG, three for a WebP and one for a GIF or
 * an AVIF, each for another width.
 */
export function mixedCase(n: number): Case {
  const kind = n % 20;
  const rare = n % 40 < 20 ? "GIF, 40 frames → 240" : "AVIF → JPEG 600";
  const name = kind < 12
    ? ["JPEG → 200", "JPEG → 720", "JPEG → 720", "JPEG → WebP 720"][kind % 4]!
    : kind < 16
    ? ["PNG with alpha → 600", "PNG photo → 600"][kind % 2]!
    : kind < 19
    ? "WebP → 400"
    : rare;
  const wish = CASES.find((each) => each.name === name)!;
  return { ...wish, width: Math.max(32, Math.round(wish.width * (0.25 + (n * 7919 % 100) / 133))) };
}

/** A contender's path for a wish; `url` is the original's. */
export type PathOf = (wish: Case, url: string) => string;

export const PATHS = {
  imageproxy: ({ width, format, quality }, url) =>
    `/${[`${width}x`, format, ...(quality ? [`q${quality}`] : [])].join(",")}/${url}`,
  sharp: ({ width, format, quality, animated, effort }, url) =>
    `/image?${new URLSearchParams({
      url,
      width: String(width),
      format,
      ...(quality ? { quality: String(quality) } : {}),
      ...(effort === undefined ? {} : { effort: String(effort) }),
      ...(animated ? { animated: "" } : {}),
    })}`,
  ipx: ({ width, format, quality, animated }, url) =>
    `/${
      [
        `w_${width}`,
        `f_${format}`,
        ...(quality ? [`q_${quality}`] : []),
        ...(animated ? ["a"] : []),
      ]
        .join(",")
    }/${url}`,
} as const satisfies Record<string, PathOf>;

export type ContenderName = keyof typeof PATHS;
