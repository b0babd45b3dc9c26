// What a worker has others do for its job while they stand idle. The job stays that worker's: what
// nobody else did, it does itself.
import type { FramePixels, FrameRange } from "./frame_shares.ts";
import type { FrameStyle, PlannedFrame } from "../formats/gif/write_gif.ts";

/** Work on some frames of a job, as plain data. */
export type Errand =
  /** Decodes, reshapes and paints frames of the job's original. */
  | { kind: "shape"; range: FrameRange }
  /** Compresses frames of a GIF. */
  | { kind: "write"; frames: readonly PlannedFrame[]; style: FrameStyle };

interface Results {
  shape: FramePixels[];
  write: Uint8Array<ArrayBuffer>[];
}

export type ResultOf<E extends Errand> = Results[E["kind"]];
export type ErrandResult = ResultOf<Errand>;

export interface PricedErrand<E extends Errand = Errand> {
  errand: E;
  /** Bytes of memory that it takes, by estimate. */
  cost: number;
}

/** Those who stand idle. */
export interface Help {
  helpers: number;
  /** Sends an errand to each as far as there are any; undefined where one has no result. */
  ask<E extends Errand>(errands: readonly PricedErrand<E>[]): Promise<ResultOf<E> | undefined>[];
}

/** Sends the errands at once and gives their results in order; those that have none, `work` makes. */
export function delegate<E extends Errand>(
  errands: readonly PricedErrand<E>[],
  { help, work }: {
    help: Help | undefined;
    work: (errand: E) => ResultOf<E> | Promise<ResultOf<E>>;
  },
): AsyncIterable<ResultOf<E>> {
  const asked = errands.length > 0 ? help?.ask(errands) ?? [] : [];
  return (async function* () {
    for (const [index, { errand }] of errands.entries()) {
      yield await asked[index] ?? await work(errand);
    }
  })();
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
