// What workers do for each other's jobs, as plain data that can be posted.
import type { Share, WriteHelp, WrittenShare } from "./formats/coding/codec.ts";
import type { HelpWith, Priced } from "./formats/coding/help.ts";
import type { OutputFormat } from "./formats/table.ts";
import type { FramePixels, FrameRange } from "./pixels/frame_pixels.ts";

/** Decodes, reshapes and paints frames of the job's original. */
export interface ShapeErrand {
  kind: "shape";
  range: FrameRange;
}

/** Writes part of a file. */
export interface WriteErrand {
  kind: "write";
  format: OutputFormat;
  share: Share;
}

/** Work on some frames of a job. */
export type Errand = ShapeErrand | WriteErrand;

interface Results {
  shape: FramePixels[];
  write: WrittenShare;
}

export type ResultOf<E extends Errand> = Results[E["kind"]];
export type ErrandResult = ResultOf<Errand>;

export type PricedErrand<E extends Errand = Errand> = Priced<E>;

/** Those who stand idle, and do any errand. */
export interface Help extends HelpWith<Errand, ErrandResult> {
  ask<E extends Errand>(errands: readonly PricedErrand<E>[]): Promise<ResultOf<E> | undefined>[];
}

/** Those who write shares of a file in this format. */
export function writersOf(help: Help, format: OutputFormat): WriteHelp {
  return {
    helpers: help.helpers,
    ask: (shares) =>
      help.ask(
        shares.map(({ errand: share, cost }) => ({
          errand: { kind: "write" as const, format, share },
          cost,
        })),
      ),
  };
}

/** The buffers that an errand need not copy on its way to a worker. */
export function buffersOf(errand: Errand): ArrayBuffer[] {
  return errand.kind === "write" ? [...errand.share.buffers] : [];
}

/** The buffers of a result, which belongs to whoever asked for it. */
export function buffersIn(result: ErrandResult): ArrayBuffer[] {
  return result.map((frame) => frame instanceof Uint8Array ? frame.buffer : frame.data.buffer);
}
