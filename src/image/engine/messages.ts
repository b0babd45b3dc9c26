// What passes between the server and its workers, as plain data that can be posted.
import type { ErrorCode } from "../../errors.ts";
import type { Errand, ErrandResult, PricedErrand } from "../errands.ts";
import type { ImageLimits, TransformedImage, TransformJob } from "../plan/job.ts";

/**
 * What a worker exercises before its first job: the way of most pictures, or every way. Compiled WebAssembly is
 * the whole process's, so one worker in the background does for all.
 */
export type WarmUp = "usual" | "all";

/** An errand under a number that its worker gives no other. */
export type KeyedErrand = PricedErrand & { key: number };

export type WorkerRequest =
  | { kind: "start"; engine: WebAssembly.Module; limits: ImageLimits; warmUp: WarmUp }
  | { kind: "transform"; id: number; job: TransformJob; helpers: number }
  /** Does something for another worker's job, which is there where the errand is about its original. */
  | { kind: "errand"; id: number; errand: Errand; job: TransformJob | undefined }
  /** What became of an errand that was asked for. */
  | { kind: "helped"; key: number; result: ErrandResult | undefined };

export type WorkerReply =
  | { kind: "started"; engineVersion: string }
  | { kind: "unstartable"; cause: string }
  | { kind: "done"; id: number; image: TransformedImage; memory: number }
  /** Asks for workers that do these meanwhile. */
  | { kind: "help"; errands: readonly KeyedErrand[] }
  | { kind: "errand done"; id: number; result: ErrandResult; memory: number }
  | { kind: "deferred"; id: number; cost: number; memory: number }
  | {
    kind: "failed";
    id: number;
    code: ErrorCode;
    message: string;
    cause?: string;
    /** Whether the worker can no longer be trusted: its engine trapped. */
    broken: boolean;
    memory: number;
  };
