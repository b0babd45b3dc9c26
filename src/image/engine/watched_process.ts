// The process of a crew as it is watched: what it takes, that this is not more than it may, and why it ends.
import { type EngineOptions, type EngineProcess, spawnEngine } from "./engine_process.ts";

export interface WatchedProcess extends Pick<EngineProcess, "order" | "ended"> {
  /** Bytes of its memory, and seconds that it has spent on processors, as last heard. */
  memory(): number;
  processorSeconds(): number;
  /** Its memory when it was fresh; infinite until that has been noted. */
  memoryAtFirst(): number;
  noteFresh(): void;
  /** Ends it at once; what was first to end it is what it died of. */
  end(why: ProcessEnd): void;
}

export interface ProcessEnd {
  /** In words for the log. */
  cause: string;
  /** Whether it was ended by its owner, took more memory than it may, or came to its end by itself. */
  reason: "dismissed" | "ceiling" | "died";
}

export interface WatchOptions extends Omit<EngineOptions, "onState" | "onEnd"> {
  /** Bytes that it may take while it is at work: without a picture, none is to blame. */
  maxMemory: number;
  isAtWork(): boolean;
  onEnd(end: ProcessEnd): void;
  /** Starts the process, where a test has its own. */
  start: ((options: EngineOptions) => EngineProcess) | undefined;
}

export function watchProcess(
  { maxMemory, isAtWork, onEnd, start = spawnEngine, ...options }: WatchOptions,
): WatchedProcess {
  let memory = 0, processorSeconds = 0;
  let memoryAtFirst = Infinity;
  let wanted: ProcessEnd | undefined;

  const engine = start({
    ...options,
    onState(state) {
      ({ memory, processorSeconds } = state);
      if (memory <= maxMemory || !isAtWork()) return;
      end({ cause: `It took ${Math.round(memory / 1e6)} MB of memory`, reason: "ceiling" });
    },
    onEnd: (cause) => onEnd(wanted ?? { cause, reason: "died" }),
  });

  function end(why: ProcessEnd): void {
    wanted ??= why;
    engine.kill();
  }

  return {
    order: engine.order,
    ended: engine.ended,
    memory: () => memory,
    processorSeconds: () => processorSeconds,
    memoryAtFirst: () => memoryAtFirst,
    noteFresh: () => void (memoryAtFirst = Math.min(memoryAtFirst, memory)),
    end,
  };
}
