// What we learn of a picture from its own bytes, before any decoder sees them: the limits, the
// choice of decoder and the geometry are judged from this and from nothing that the origin claims.

import { ProxyError } from "../../../errors.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";

/** How stored pixels must be turned to stand upright, as EXIF numbers it (1 is upright). */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export type ColorModel = "grey" | "rgb" | "cmyk" | "ycck" | "indexed" | "lab" | "other";

/** The facts of a picture's header. Sizes are in pixels, of the picture as the engine hands it out. */
export interface HeaderFacts {
  /** The canvas for an animation, the largest entry for an ICO, of an SVG the size where none is asked for. */
  width: number;
  height: number;
  /**
   * How many images the engine makes of the file: animation frames, TIFF pages, ICO entries, the
   * visible items of a HEIF file.
   */
  frames: number;
  /** The file means to move. */
  animated: boolean;
  /** What is left to do after decoding: 1 for HEIC and AVIF, since libheif turns them itself. */
  orientation: Orientation;
  hasAlpha: boolean;
  /** Whether the decoder hands out colours that are multiplied by their alpha. */
  isPremultiplied?: boolean;
  /** Whether the decoder hands out alpha in the narrow range of video, 16…235. */
  isAlphaNarrow?: boolean;
  /** Bits of one channel as stored, or of one index of an indexed picture's palette entry (8). */
  bitDepth: number;
  colorModel: ColorModel;
  /** An ICC profile is embedded. */
  hasProfile: boolean;
  /** What is stated of the colours beside a profile, or instead of one; sRGB unless told. */
  colour?: StatedColour;
  /** Whether the file ends before its picture does, as far as that can be told without decoding. */
  isCut?: boolean;
  /** How often an animation plays; 0 is forever. Set only where the file is animated. */
  loopCount?: number;
  /** Milliseconds per frame, as written; set only where the file is animated and its frames are shown. */
  delays?: number[];
  /** Four-channel pixels that the decoder would allocate for the whole file, and all that it is made of. */
  totalPixels: number;
  /** The same for one of its images, where these can be had one by one; not set for animations. */
  stillPixels?: number;
  /** Bytes of memory that decoding one of its images takes, where the format's header can tell better than `costOf`. */
  heldBytes?: number;
  /** How often a JPEG goes over its picture, where that is more than once. */
  scans?: number;
  /** The coefficients that its decoder then keeps, for all of it, whatever its size in the result. */
  coefficients?: number;
}

/** A refusal of a file whose header makes no sense; `message` is one public sentence. */
export function undecodable(message: string): ProxyError {
  return new ProxyError("undecodable", message);
}

/** More frames than this are not counted, but refused: that is 18 hours at one a second. */
export const MAX_FRAMES = 65_536;
