import assert from "node:assert/strict";
import fc from "fast-check";
import type { StreamedBody } from "../../../src/http/body.ts";
import { readWhole, STREAMED_FROM } from "../../../src/http/origin/arriving_body.ts";
import { fails } from "../../testing/fetching.ts";

const bytesOf = async ({ stream }: StreamedBody) =>
  new Uint8Array(await new Response(await stream()).arrayBuffer());

Deno.test("readers get what came in any pieces, whenever they begin and however they wait", async () => {
  const piece = fc.integer({ min: 0, max: 300_000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.boolean(),
      async (lengths, isLengthSaid) => {
        const body = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
        for (let at = 0; at < body.length; at++) body[at] = at % 251;
        const readers: Promise<Uint8Array>[] = [];
        let large: StreamedBody | undefined;
        let at = 0;
        const source = new ReadableStream<Uint8Array>({
          async pull(controller) {
            if (large) readers.push(bytesOf(large));
            await Promise.resolve();
            const length = lengths.shift();
            if (length === undefined) return controller.close();
            controller.enqueue(body.slice(at, at += length));
          },
        });
        const whole = await readWhole(source, {
          ...(isLengthSaid ? { size: body.length } : {}),
          onLarge(arriving) {
            large = arriving;
            assert.deepEqual(arriving.beginning(1000), body.subarray(0, 1000));
          },
        });
        assert.deepEqual(whole, body);
        assert.equal(whole.buffer.byteLength, whole.byteLength, "nothing is kept beside it");
        assert.equal(large !== undefined, body.length > STREAMED_FROM);
        if (large) {
          readers.push(bytesOf(large));
          assert.equal(await large.whole(), whole);
        }
        for (const read of await Promise.all(readers)) assert.deepEqual(read, body);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("readWhole() refuses a body of another length than was said, and so do its readers", async () => {
  for (const [sent, size] of [[500_000, 500_001], [500_000, 499_999], [10, 11]] as const) {
    let reading: Promise<unknown> | undefined;
    const source = new Blob([new Uint8Array(sent)]).stream();
    const refused = fails("bad_origin", /not as long as it says/);
    const whole = readWhole(source, {
      size,
      onLarge: (body) => reading = assert.rejects(bytesOf(body), refused),
    });
    await assert.rejects(whole, refused);
    await reading;
  }
});

Deno.test("readWhole() copies no piece that lies in its room, and writes nothing there", async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.nat(8), async (lengths, placed) => {
      const body = Uint8Array.from(
        { length: lengths.reduce((sum, length) => sum + length, 0) },
        (_, at) => at % 251,
      );
      const room = new Uint8Array(body.length + 1);
      let at = 0;
      const source = new ReadableStream<Uint8Array>({
        pull(controller) {
          const length = lengths.shift();
          if (length === undefined) return controller.close();
          const piece = body.slice(at, at + length);
          const isPlaced = placed-- > 0;
          if (isPlaced) room.set(piece, at);
          controller.enqueue(isPlaced ? room.subarray(at, at + length) : piece);
          at += length;
        },
      }, { highWaterMark: 0 });
      const areAllPlaced = lengths.length <= placed;
      const whole = await readWhole(source, { size: body.length, room });
      assert.deepEqual(whole, body);
      assert.equal(whole.buffer === room.buffer, areAllPlaced);
      const own = room.findLastIndex((byte) => byte !== 0) + 1;
      assert.deepEqual(room.subarray(0, own), body.subarray(0, own));
      if (!areAllPlaced) assert.ok(whole.buffer !== room.buffer);
    }),
    { numRuns: 50 },
  );
});
