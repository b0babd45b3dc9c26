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
  /** The most that our time may be of sharp's, or of ipx's, where the project has set itself a target. */
  target?: { of: "sharp" | "ipx"; atMost: number };
}

export const CASES: readonly Case[] = [
  toJpeg(200, { of: "sharp", atMost: 1.3 }),
  toJpeg(720, { of: "sharp", atMost: 1.3 }),
  toJpeg(1400, { of: "sharp", atMost: 1.8 }),
  {
    name: "PNG with alpha → 600",
    picture: "alpha.png",
    width: 600,
    format: "png",
    target: { of: "sharp", atMost: 1.8 },
  },
  { name: "WebP → 400", picture: "photo.webp", width: 400, format: "webp", quality: 80 },
  { name: "AVIF → 600", picture: "photo.avif", width: 600, format: "avif", quality: 50 },
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
    target: { of: "ipx", atMost: 1 },
  },
];

function toJpeg(width: number, target: NonNullable<Case["target"]>): Case {
  const shared = { picture: "photo.jpg", format: "jpeg", quality: 80 } as const;
  return { name: `JPEG → ${width}`, width, target, ...shared };
}

/** A contender's path for a wish; `url` is the original's. */
export type PathOf = (wish: Case, url: string) => string;

export const PATHS = {
  imageproxy: ({ width, format, quality }, url) =>
    `/${[`${width}x`, format, ...(quality ? [`q${quality}`] : [])].join(",")}/${url}`,
  sharp: ({ width, format, quality, animated }, url) =>
    `/image?${new URLSearchParams({
      url,
      width: String(width),
      format,
      ...(quality ? { quality: String(quality) } : {}),
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
