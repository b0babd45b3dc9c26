// A worker like any other, until an original tells it to misbehave.
/// <reference lib="deno.worker" />
import "../../src/image/engine/worker.ts";

/** `(func (export "a") (loop br 0))` */
const ENDLESS = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x61, 0, 0],
  ...[10, 9, 1, 7, 0, 3, 0x40, 12, 0, 11, 11],
);

const MISDEEDS: Readonly<Record<string, () => void>> = {
  LOOP() {
    for (;;);
  },
  "WASM LOOP"() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(ENDLESS));
    (exports.a as () => void)();
  },
  HEAP() {
    const held: unknown[] = [];
    for (;;) held.push(Array.from({ length: 10_000 }, (_, at) => ({ at })));
  },
  MEMORY() {
    const held: Uint8Array[] = [];
    for (;;) held.push(new Uint8Array(10e6).fill(1));
  },
  CRASH: () => self.postMessage({ kind: "crash" }),
  THROWN() {
    setTimeout(() => {
      throw new Error("thrown on purpose");
    });
  },
};

const answer = self.onmessage as unknown as (event: Pick<MessageEvent, "data">) => void;
self.onmessage = ({ data }) => {
  const bytes: Uint8Array = data.job?.bytes ?? new Uint8Array();
  const [line] = new TextDecoder().decode(bytes.subarray(0, 20)).split("\n", 1);
  const [, milliseconds] = /^SLOW (\d+)$/.exec(line!) ?? [];
  if (milliseconds) {
    const end = performance.now() + Number(milliseconds);
    while (performance.now() < end);
    answer({ data: { ...data, job: { ...data.job, bytes: bytes.subarray(line!.length + 1) } } });
  } else if (Object.hasOwn(MISDEEDS, line!)) MISDEEDS[line!]!();
  else answer({ data });
};
