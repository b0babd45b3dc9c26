// What a file says of its picture in its header, as people ask for it.
import { turnSize, uprightFrom } from "../pixels/dihedral.ts";
import type { ImageHeader } from "./read_header.ts";

export interface FileFacts {
  format: string;
  mediaType: string;
  /** Pixels, as the picture is seen: turned as `orientation` says. */
  width: number;
  height: number;
  /** Of the whole file. */
  bytes: number;
  frames: number;
  animated: boolean;
  /** How often an animation plays; 0 is forever. */
  loopCount?: number;
  durationMs?: number;
  /** As EXIF numbers how the stored pixels lie; 1 is upright. */
  orientation: number;
  colorModel: string;
  bitDepth: number;
  hasAlpha: boolean;
  /** Whether an ICC profile is embedded. */
  hasProfile: boolean;
}

/** `bytes` is the length of the file. */
export function fileFacts(header: ImageHeader, bytes: number): FileFacts {
  const { format, mediaType, frames, animated, orientation } = header;
  const { hasAlpha, bitDepth, colorModel, hasProfile, loopCount, delays } = header;
  const { width, height } = turnSize(header, uprightFrom(orientation));
  return {
    format,
    mediaType,
    width,
    height,
    bytes,
    frames,
    animated,
    ...(loopCount === undefined ? {} : { loopCount }),
    ...(delays ? { durationMs: delays.reduce((sum, delay) => sum + delay, 0) } : {}),
    orientation,
    colorModel,
    bitDepth,
    hasAlpha,
    hasProfile,
  };
}
