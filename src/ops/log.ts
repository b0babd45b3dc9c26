// Log lines: one JSON object or one readable line each. They are gathered and written together without
// waiting, so that a terminal or a pipe that is slow to read slows down no request.
import type { CacheState } from "../http/cache_state.ts";
import { printable } from "./printable.ts";
import type { Stage } from "./trace.ts";

export interface RequestLine {
  id: string;
  method: string;
  /** The request target, with the signature masked. */
  path: string;
  /** 499 where the client went away before the answer. */
  status: number;
  /** Of the body. */
  bytes: number;
  milliseconds: number;
  /** Host of the remote URL. */
  host?: string | undefined;
  /** The other server's grammar that the URL was written in. */
  dialect?: string | undefined;
  /** How the cache took part: the result, and the original where that was needed too. */
  cache?: { result?: CacheState; original?: CacheState };
  /** Set where the picture is that of an original that is cut short or damaged. */
  partial?: true;
  /** Milliseconds per stage. */
  stages?: Partial<Record<Stage, number>>;
  /** The public sentence of a failure, and the private reason. */
  error?: string;
  cause?: string;
}

export type Level = "info" | "warning" | "error";

export interface Log {
  request(line: RequestLine): void;
  /** Something that concerns the server and no one request. */
  event(level: Level, message: string): void;
  /** Writes what is gathered before anything else happens. */
  flush(): void;
}

export interface LogOptions {
  format: "text" | "json";
  /** Milliseconds since 1970. */
  now(): number;
  sink: LogSink;
}

export interface LogSink {
  write(text: string): void;
  flush(): void;
}

export function createLog({ format, now, sink }: LogOptions): Log {
  const levelOf = ({ status }: RequestLine): Level => status >= 500 ? "error" : "info";
  return {
    request(line) {
      const time = new Date(now()).toISOString();
      sink.write(
        format === "json"
          ? JSON.stringify({ time, level: levelOf(line), ...line }) + "\n"
          : `${time.slice(11, 23)} ${requestText(line)}\n`,
      );
    },
    event(level, message) {
      const time = new Date(now()).toISOString();
      sink.write(
        format === "json"
          ? JSON.stringify({ time, level, message }) + "\n"
          : `${time.slice(11, 23)} ${level}: ${printable(message)}\n`,
      );
    },
    flush: sink.flush,
  };
}

function requestText(line: RequestLine): string {
  const { status, method, path, bytes, milliseconds, host, cache, stages } = line;
  const details = [
    ...Object.entries(cache ?? {}).map(([kind, state]) => `${kind}=${state}`),
    ...Object.entries(stages ?? {}).map(([stage, time]) => `${stage}=${time}ms`),
    ...(host ? [`host=${host}`] : []),
    ...(line.partial ? ["partial"] : []),
    `id=${line.id}`,
    ...(line.error ? [`error=${JSON.stringify(line.error)}`] : []),
    ...(line.cause ? [`cause=${JSON.stringify(line.cause)}`] : []),
  ];
  return `${status} ${method} ${printable(path)} ${bytes}B ${milliseconds}ms ${details.join(" ")}`;
}

export interface StreamSinkOptions {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
}

/** Bytes that may wait for a reader; lines beyond them are dropped and counted in the next one. */
const MAX_WAITING = 4 * 1024 * 1024;

/** A sink over a stream such as `Deno.stderr`. */
export function createStreamSink(stream: StreamSinkOptions): LogSink {
  const encoder = new TextEncoder();
  let waiting = "";
  let dropped = 0;
  let writing: Uint8Array | undefined;

  function take(): Uint8Array {
    const bytes = encoder.encode(waiting);
    waiting = "";
    return bytes;
  }

  async function drain(): Promise<void> {
    while (waiting !== "") {
      writing = take();
      while (writing && writing.length > 0) {
        // A stream that is gone takes its lines with it; requests go on.
        const written = await stream.write(writing).catch(() => writing?.length ?? 0);
        writing = writing?.subarray(written);
      }
    }
    writing = undefined;
  }

  return {
    write(text) {
      if (waiting.length + text.length > MAX_WAITING) {
        dropped++;
        return;
      }
      const isFirst = waiting === "" && writing === undefined;
      if (dropped > 0) {
        const message = `${dropped} log lines were dropped since nobody read them`;
        waiting += JSON.stringify({ level: "warning", message }) + "\n";
        dropped = 0;
      }
      waiting += text;
      if (isFirst) queueMicrotask(drain);
    },
    flush() {
      try {
        for (let bytes = take(); bytes.length > 0;) bytes = bytes.subarray(stream.writeSync(bytes));
      } catch {
        // Nobody is left to be told.
      }
    },
  };
}
