// How a format is decoded, as its entry in the table says it.
import type { MagickFormat } from "@imagemagick/magick-wasm";
import type { Size } from "../../pixels/geometry.ts";

/** What comes of a file where it is decoded. */
export interface Decoding {
  /** The engine's decoder; left out where all is decoded by our own. */
  coder?: MagickFormat;
  /** What the engine is told before it reads. */
  defines?: Readonly<Record<string, string>>;
  /** Whether it is drawn, in any size: none is too large of itself, and nothing is enlarged that has no pixels. */
  isDrawn?: true;
  /** Whether another frame or page than the first can be asked for. */
  hasPages?: true;
  /** Whether animations move on, each frame as the whole canvas that a viewer sees. */
  moves?: true;
  /** Whether all frames of an animation are decoded whichever is asked for. */
  wholly?: true;
  /** Pixels of an animation's frames that the engine decodes at once, each time from the first on. */
  atOnce?: number;
  /** Milliseconds that decoding a million pixels takes on one core, where it is far from the usual. */
  pace?: number;
  /** Milliseconds that decoding to this size may take besides, as the file's bytes tell; nothing besides unless told. */
  mayTake?(bytes: Uint8Array, size: Size): number;
  /** Bytes of memory for each decoded pixel, where it is far from the usual. */
  bytesPerPixel?: number;
  /** The same for each byte of the file, where that is what it is made into. */
  bytesPerByte?: number;
  /** The same for each pixel of the canvas of an animation, on which one frame after another is laid. */
  canvasBytes?: number;
  /** The size at which a picture is decoded of which the result needs no more than this share. */
  decodedSize?(stored: Size, wantedScale: number | undefined): Size;
}
