// One worker inside the engine's process: its thread, and the connection to the server on which its orders
// come and its reports go. What workers do for each other passes from desk to desk and never leaves.
import { buffersIn, buffersOf, type ErrandResult } from "../errands.ts";
import type { ImageLimits, TransformJob } from "../plan/job.ts";
import type { DrawingFiles } from "./wasm/drawing_wasm.ts";
import type { KeyedErrand, Order, Report, ThreadJob, ThreadReply } from "./messages.ts";
import type { Thread } from "./thread.ts";
import { createFrameReader, createFrameWriter, type Duplex } from "./wire.ts";

export interface DeskOptions {
  connection: Duplex;
  engine: WebAssembly.Module;
  drawing: DrawingFiles;
  /** What writes WebPs, for all threads to share. */
  webp: Uint8Array<SharedArrayBuffer>;
  /** Bytes that any WebAssembly of the worker can ever take. */
  memoryCeiling: number;
  limits: ImageLimits;
  /** A thread for the worker. Throws where there is none. */
  openThread(): Thread;
  /** The desk of another worker, by its number. */
  desk(worker: number): Desk;
}

/**
 * Bytes of a buffer that waits for the next original: most photos of the web have fewer. What V8 is left to
 * collect counts for it as memory in use, so that it looked through all that is there every dozen pictures.
 */
const KEPT_BYTES = 2 << 20;

export interface Desk {
  /** Follows orders until the connection ends. */
  serve(): Promise<void>;
  /** The errand that its worker asked for under the key, if it still waits, and the job that it is about. */
  errand(key: number): { errand: KeyedErrand; job: TransformJob | undefined } | undefined;
  /** Gives its worker what became of an errand. */
  helped(key: number, result: ErrandResult | undefined): void;
}

export function createDesk(
  { connection, openThread, desk, ...equipment }: DeskOptions,
): Desk {
  const send = createFrameWriter(connection);
  const receive = createFrameReader(connection, roomFor);
  /** What an original has come in before. */
  let kept: ArrayBuffer | undefined;
  let thread: Thread | undefined;
  /** What its worker asked for. */
  const asked = new Map<number, { errand: KeyedErrand; job: TransformJob | undefined }>();
  /** Whose errand its worker is on. */
  let onErrandOf: { asker: Desk; key: number } | undefined;

  function roomFor(length: number): Uint8Array<ArrayBuffer> {
    const buffer = kept;
    if (buffer === undefined || buffer.byteLength < length) return new Uint8Array(length);
    kept = undefined;
    return new Uint8Array(buffer, 0, length);
  }

  function report(message: Report, picture?: Uint8Array<ArrayBuffer>): void {
    // Where the server is gone the process ends anyway.
    send(message, picture && [picture]).catch(() => {}).finally(() => picture?.buffer.transfer(0));
  }

  function start(order: Extract<Order, { kind: "start" }>): void {
    try {
      thread?.terminate();
      thread = openThread();
    } catch (error) {
      return report({ kind: "lost", cause: String(error) });
    }
    thread.listen(follow);
    thread.post({ kind: "start", ...equipment, warmUp: order.warmUp });
  }

  function follow(reply: ThreadReply): void {
    switch (reply.kind) {
      case "loaded":
        return;
      case "started":
      case "warm":
        return report(reply);
      case "help":
        for (const errand of reply.errands) asked.set(errand.key, { errand, job: reply.job });
        return report({
          kind: "help",
          errands: reply.errands.map(({ key, cost }) => ({ key, cost })),
        });
      case "errand done":
        settleErrand(reply.result);
        return report({ kind: "errand done", id: reply.id, memory: reply.memory });
      case "done": {
        const { image: { bytes, ...image }, spent, ...done } = reply;
        if (spent.byteLength <= KEPT_BYTES) kept = spent;
        else spent.transfer(0);
        asked.clear();
        return report({ ...done, image }, bytes);
      }
      default:
        asked.clear();
        settleErrand(undefined);
        return report(reply);
    }
  }

  function settleErrand(result: ErrandResult | undefined): void {
    onErrandOf?.asker.helped(onErrandOf.key, result);
    onErrandOf = undefined;
  }

  function run({ id, asker: number, key }: Extract<Order, { kind: "errand" }>): void {
    const asker = desk(number);
    const wanted = asker.errand(key);
    // Its job has failed meanwhile.
    if (!wanted) return report({ kind: "errand done", id, memory: 0 });
    onErrandOf = { asker, key };
    const { errand } = wanted.errand;
    const job = errand.kind === "shape" ? wanted.job : undefined;
    thread?.post({ kind: "errand", id, errand, job }, buffersOf(errand));
  }

  function helped(key: number, result: ErrandResult | undefined): void {
    if (!asked.delete(key)) return;
    thread?.post({ kind: "helped", key, result }, result ? buffersIn(result) : []);
  }

  return {
    errand: (key) => asked.get(key),
    helped,
    async serve() {
      for (let frame = await receive(); frame; frame = await receive()) {
        const order = frame.head as Order;
        if (order.kind === "start") start(order);
        else if (order.kind === "errand") run(order);
        else if (order.kind === "unhelped") order.keys.forEach((key) => helped(key, undefined));
        else {
          const { id, helpers } = order;
          const [bytes, ...overlays] = frame.bodies;
          const job: ThreadJob = {
            ...order.job,
            bytes: bytes!,
            ...(overlays.length > 0 && { overlays }),
          };
          thread?.post(
            { kind: "transform", id, job, helpers },
            frame.bodies.map((it) => it.buffer),
          );
        }
      }
    },
  };
}
