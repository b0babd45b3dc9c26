// What is said between the server, the engine's process and the workers in it, as plain data.
import type { ErrorCode } from "../../errors.ts";
import type { DrawingFiles } from "./wasm/drawing_wasm.ts";
import type { FontPlace } from "../fonts/font_set.ts";
import type { Errand, ErrandResult, PricedErrand } from "../errands.ts";
import type { BareJob, Cost, ImageLimits, TransformedImage, TransformJob } from "../plan/job.ts";

/** What the server tells the engine's process on its standard input, in one line of JSON. */
export interface EngineOrders {
  /** The port of 127.0.0.1 where the server waits for a connection from each worker. */
  port: number;
  /** In hexadecimal: what shows the server that a connection is the engine's. */
  token: string;
  /** Workers at most. */
  workers: number;
  /** What the engine of each worker refuses of itself. */
  limits: ImageLimits;
  /** Bytes that the engine of one worker can ever take. */
  memoryCeiling: number;
  /** The operator's fonts. */
  fonts: readonly FontPlace[];
}

/** The first message of each connection. */
export interface Hello {
  token: string;
  /** The worker's number, from 0. */
  worker: number;
}

/** What the engine's process says of itself on its standard output, a line of JSON each time. */
export interface EngineState {
  /** Bytes of its resident memory. */
  memory: number;
  /** Seconds that all its threads have spent on processors. */
  processorSeconds: number;
  /** Names of the permissions that it holds: none. */
  permissions: readonly string[];
}

/**
 * What a worker exercises before its first job: nothing, the way of most pictures, or every way. Compiled
 * WebAssembly is the whole process's, so one worker in the background does for all.
 */
export type WarmUp = "none" | "usual" | "all";

/** From the server to one worker. The original follows a transform, and then what lies over it. */
export type Order =
  | { kind: "start"; warmUp: WarmUp }
  | { kind: "transform"; id: number; job: BareJob; helpers: number }
  /** To do what another worker asked for; its data are in the process already. */
  | { kind: "errand"; id: number; asker: number; key: number }
  /** Nobody does these for the worker. */
  | { kind: "unhelped"; keys: readonly number[] };

/** From a worker to the server. The picture follows `done`. */
export type Report =
  | { kind: "started"; engineVersion: string }
  /** It has exercised all that it was to. */
  | { kind: "warm" }
  /** It can do no more, or never could. */
  | { kind: "lost"; cause: string }
  | { kind: "done"; id: number; image: Omit<TransformedImage, "bytes">; memory: number }
  /** Asks for workers that do these meanwhile; `cost` is bytes of memory by estimate. */
  | { kind: "help"; errands: readonly { key: number; cost: number }[] }
  | { kind: "errand done"; id: number; memory: number }
  | { kind: "deferred"; id: number; cost: Cost; memory: number }
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

/** A job whose original is the thread's own. */
export type ThreadJob = TransformJob & { bytes: Uint8Array<ArrayBuffer> };

/** An errand under a number that its worker gives no other. */
export type KeyedErrand = PricedErrand & { key: number };

/** Into a worker's thread. */
export type ThreadRequest =
  | {
    kind: "start";
    engine: WebAssembly.Module;
    drawing: DrawingFiles;
    webp: Uint8Array<SharedArrayBuffer>;
    /** Bytes that what draws and what writes WebPs can each ever take; the engine's module has it in itself. */
    memoryCeiling: number;
    limits: ImageLimits;
    warmUp: WarmUp;
  }
  | { kind: "transform"; id: number; job: ThreadJob; helpers: number }
  /** Does something for another worker's job, which is there where the errand is about its original. */
  | { kind: "errand"; id: number; errand: Errand; job: TransformJob | undefined }
  /** What became of an errand that was asked for. */
  | { kind: "helped"; key: number; result: ErrandResult | undefined };

/** Out of a worker's thread: reports with the data that stay in the process, or come from it. */
export type ThreadReply =
  /** Its modules are there: it needs no permission any more to start. */
  | { kind: "loaded" }
  | Exclude<Report, { kind: "done" | "help" | "errand done" }>
  /** With what the original came in, for another one. */
  | { kind: "done"; id: number; image: TransformedImage; memory: number; spent: ArrayBuffer }
  /** With the job, where an errand is about its original. */
  | { kind: "help"; errands: readonly KeyedErrand[]; job: TransformJob | undefined }
  | { kind: "errand done"; id: number; result: ErrandResult; memory: number };
