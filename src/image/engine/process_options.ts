// What is settled of the engine's processes, and what that makes of each of them.
import type { FontPlace } from "../fonts/font_set.ts";
import type { Cost, ImageLimits } from "../plan/job.ts";
import type { CrewOptions } from "./crew.ts";
import { type EngineOptions, type EngineProcess, STARTS_LATER } from "./engine_process.ts";

export interface ProcessOptions {
  /** What the engine of each worker refuses of itself. */
  limits: ImageLimits;
  /** Transforms at once, each in a worker of its own. */
  workers: number;
  /** Workers that are always there; 1 unless told. Others are started when they are needed. */
  minWorkers?: number;
  /** Milliseconds that one transform may take, from its start. */
  timeoutMs: number;
  /** Bytes of engine memory after which a worker is replaced: WebAssembly memory never shrinks. */
  maxWorkerMemory: number;
  /** Bytes that the engine of one worker can ever take; 1 GB unless told. */
  workerMemoryCeiling?: number;
  /** The operator's fonts, which each process reads when it starts; none unless told. */
  fonts?: readonly FontPlace[];
  /** Bytes of memory at which a process is ended; none unless told. */
  maxProcessMemory?: number;
  /** Milliseconds of idleness after which workers are let go, and memory with them; never unless told. */
  idleMs?: number;
  /** Starts a process, where a test has its own. */
  start?: (options: EngineOptions) => EngineProcess;
}

/** What holds for tasks in any process. */
export interface TaskRules {
  /** What a task may take whose cost is not known. */
  smallJob: Cost;
  /** Whether a worker may help with another's task, which takes so many bytes. */
  mayHelp(cost: number): boolean;
}

const CEILING = 1e9;

/** A process as all are that take whatever comes. */
export function usualCrew(options: ProcessOptions & TaskRules): Omit<CrewOptions, "on"> {
  const { limits, workers, timeoutMs, maxWorkerMemory, fonts, smallJob, mayHelp, start } = options;
  const minWorkers = Math.min(options.minWorkers ?? 1, workers);
  return {
    limits,
    // Where all that there will be must be there from the start, more come in another process.
    workers: STARTS_LATER ? workers : minWorkers,
    minWorkers,
    wantedWorkers: workers,
    timeoutMs,
    memoryCeiling: options.workerMemoryCeiling ?? CEILING,
    fonts,
    maxWorkerMemory,
    maxMemory: options.maxProcessMemory ?? Infinity,
    warmUp: "all",
    smallJob,
    mayHelp,
    ...(start && { start }),
  };
}
