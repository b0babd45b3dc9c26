// The engine's process with workers that do as the bytes say: what a picture might one day make one do.
import process from "node:process";
import type { ThreadReply } from "../../src/image/engine/messages.ts";
import { hostEngine } from "../../src/image/engine/host.ts";
import { openThread, type Thread } from "../../src/image/engine/thread.ts";

/** Originals that no format has, and what a worker does over them. */
export const HOSTILE = {
  /** Goes on for ever in JavaScript. */
  loop: ascii("LOOP"),
  /** Goes on for ever in WebAssembly. */
  wasmLoop: ascii("WASM LOOP"),
  /** Fills V8's heap, without end. */
  heap: ascii("HEAP"),
  /** Takes memory beside the heap, without end. */
  memory: ascii("MEMORY"),
  /** Has the process abort, as a fault in the virtual machine would. */
  crash: ascii("CRASH"),
  /** Throws what nobody catches. */
  thrown: ascii("THROWN"),
} as const;

/** An original that keeps a worker busy for so long before it is decoded. */
export function slowly(milliseconds: number, original: Uint8Array): Uint8Array {
  return Uint8Array.from([...ascii(`SLOW ${milliseconds}\n`), ...original]);
}

function ascii(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function openHostileThread(): Thread {
  const thread = openThread(new URL("./hostile_worker.ts", import.meta.url));
  return {
    ...thread,
    listen: (onReply) =>
      thread.listen((reply) => {
        if ((reply as ThreadReply | { kind: "crash" }).kind === "crash") process.abort();
        onReply(reply);
      }),
  };
}

if (import.meta.main) {
  await hostEngine(openHostileThread);
  Deno.exit(0);
}
