import assert from "node:assert/strict";
import { createDesk } from "../../../src/image/engine/desk.ts";
import type { Report, ThreadReply, ThreadRequest } from "../../../src/image/engine/messages.ts";
import type { Thread } from "../../../src/image/engine/thread.ts";
import { createFrameReader, createFrameWriter } from "../../../src/image/engine/wire.ts";
import { LIMITS } from "../../testing/transforming.ts";

/** A desk whose thread gives back what it was given, and tells how large a buffer that came in. */
async function startDesk() {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = listener.addr.port;
  const [own, connection] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port }),
    listener.accept(),
  ]);
  const rooms: number[] = [];
  let tell: (reply: ThreadReply) => void = () => {};
  const thread: Thread = {
    loaded: Promise.resolve(),
    listen: (onReply) => void (tell = onReply),
    post(message, transfer = []) {
      const request: ThreadRequest = structuredClone(message, { transfer });
      if (request.kind !== "transform") return;
      const { id, job: { bytes } } = request;
      rooms.push(bytes.buffer.byteLength);
      const image = {
        bytes: bytes.slice(),
        mediaType: "image/png",
        width: 1,
        height: 1,
        frames: 1,
        isPartial: false,
        timings: { queue: 0, decode: 0, transform: 0, encode: 0 },
      };
      tell({ kind: "done", id, image, memory: 0, spent: bytes.buffer });
    },
    terminate() {},
  };
  const desk = createDesk({
    connection,
    engine: new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)),
    drawing: {} as never,
    webp: new Uint8Array(new SharedArrayBuffer(0)),
    memoryCeiling: 1e9,
    limits: LIMITS,
    openThread: () => thread,
    desk: () => desk,
  });
  const served = desk.serve();
  const send = createFrameWriter(own), receive = createFrameReader(own);
  await send({ kind: "start", warmUp: "none" });
  let id = 0;
  return {
    rooms,
    async transform(bytes: Uint8Array): Promise<Uint8Array | undefined> {
      await send({ kind: "transform", id: ++id, job: {}, helpers: 0 }, [bytes]);
      const frame = await receive();
      assert.equal((frame?.head as Report).kind, "done");
      return frame?.bodies[0];
    },
    async [Symbol.asyncDispose]() {
      own.close();
      await served.catch(() => {});
      connection.close();
    },
  };
}

const bytesOf = (length: number, first: number) =>
  Uint8Array.from({ length }, (_, at) => first + at * 7);

Deno.test("createDesk() has an original come in the buffer of one before it, where that is large enough", async () => {
  await using desk = await startDesk();
  for (const [index, length] of [100_000, 40_000, 10, 100_000, 100_001, 3].entries()) {
    const bytes = bytesOf(length, index);
    assert.deepEqual(await desk.transform(bytes), bytes);
  }
  assert.deepEqual(desk.rooms, [100_000, 100_000, 100_000, 100_000, 100_001, 100_001]);
});

Deno.test("createDesk() keeps no buffer of a large original", async () => {
  await using desk = await startDesk();
  for (const length of [(2 << 20) + 1, 5]) {
    const bytes = bytesOf(length, 1);
    assert.deepEqual(await desk.transform(bytes), bytes);
  }
  assert.deepEqual(desk.rooms, [(2 << 20) + 1, 5]);
});
