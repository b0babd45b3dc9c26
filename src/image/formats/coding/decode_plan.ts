// What a decoder is asked for, and the form in which it hands frames over.
import type { IMagickImage, IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { FrameRange } from "../../pixels/frame_pixels.ts";
import type { Size } from "../../pixels/geometry.ts";
import type { PixelRows } from "../../pixels/pixel_rows.ts";
import type { PixelSource } from "../../pixels/ycc_planes.ts";
import type { HeaderFacts } from "../reading/image_header.ts";

export interface DecodePlan<Header extends HeaderFacts = HeaderFacts> {
  header: Header;
  /** All frames, each as the whole canvas that a viewer sees, or the one of this index. */
  frames: "all" | number;
  /** Whether frames are looked at before they have their size, so that all are kept at their own. */
  keepsWhole: boolean;
  /** Of all frames of an animation only these. */
  range?: FrameRange;
  /** The smallest scale, of the larger side, at which enough pixels remain; all unless told. */
  wantedScale?: number;
  /** The size at which a drawing is drawn, whole; its own unless told. */
  drawnSize?: Size;
}

/** Pixels that are to be a frame's, which holds none of its own yet. */
export interface LooseFrame {
  /** May be made only when it is looked at. */
  readonly frame: IMagickImage;
  /** Overwritten when the next frame is asked for. Of a fourth channel that is no alpha, the frame has none. */
  pixels: PixelSource | PixelRows;
  /** Whether the file has no word on its colours beside the header's: nobody has to ask the frame for it. */
  isPlain?: boolean;
}

/** Frames that are decoded one by one, as they are asked for, and are in the collection once they are looked at. */
export interface LooseFrames extends Iterable<LooseFrame> {
  /** Of the frames as they are decoded. */
  size: Size;
  /** Whether pixels are missing, or may be wrong, which no header tells. */
  isPartial?: boolean;
  /** What the values mean, where that is not what the header says of those in the file. */
  colour?: StatedColour;
}

/** Handed the frames of an image; those that are loose have to be asked for, and given pixels. */
export type UseFrames<T> = (frames: IMagickImageCollection, loose?: LooseFrames) => Promise<T>;

/** Frames of this size, decoded as they are asked for. */
export function loosely({ width, height }: Size, frames: Iterable<LooseFrame>): LooseFrames {
  return { size: { width, height }, [Symbol.iterator]: () => frames[Symbol.iterator]() };
}
