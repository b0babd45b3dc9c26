// What workers do for each other's jobs, as plain data that can be posted.
import type { HelpWith, Priced } from "./formats/coding/help.ts";
import type { WriteErrand } from "./formats/gif/encode_gif.ts";
import type { FramePixels, FrameRange } from "./pixels/frame_pixels.ts";

/** Decodes, reshapes and paints frames of the job's original. */
export interface ShapeErrand {
  kind: "shape";
  range: FrameRange;
}

/** Work on some frames of a job. */
export type Errand = ShapeErrand | WriteErrand;

interface Results {
  shape: FramePixels[];
  write: Uint8Array<ArrayBuffer>[];
}

export type ResultOf<E extends Errand> = Results[E["kind"]];
export type ErrandResult = ResultOf<Errand>;

export type PricedErrand<E extends Errand = Errand> = Priced<E>;

/** Those who stand idle, and do any errand. */
export interface Help extends HelpWith<Errand, ErrandResult> {
  ask<E extends Errand>(errands: readonly PricedErrand<E>[]): Promise<ResultOf<E> | undefined>[];
}

/** The buffers that an errand need not copy on its way to a worker. */
export function buffersOf(errand: Errand): ArrayBuffer[] {
  return errand.kind === "write"
    ? errand.frames.map(({ change }) => change.pixels.buffer as ArrayBuffer)
    : [];
}

/** The buffers of a result, which belongs to whoever asked for it. */
export function buffersIn(result: ErrandResult): ArrayBuffer[] {
  return result.map((frame) => frame instanceof Uint8Array ? frame.buffer : frame.data.buffer);
}
