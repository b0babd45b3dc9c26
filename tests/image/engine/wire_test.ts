import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createFrameReader,
  createFrameWriter,
  type Duplex,
  encodeFrame,
  type Frame,
} from "../../../src/image/engine/wire.ts";
import { OPTIONS } from "../../../src/options/table.ts";
import { parseOptions } from "../../../src/options/parse.ts";

/** One way of a connection that takes and gives as much at a time as it is told, over and over. */
function pipe(sizes: readonly number[] = [Infinity]): Duplex & { end(): void } {
  let held = new Uint8Array(0);
  let turn = 0;
  let isOver = false;
  const size = () => sizes[turn++ % sizes.length]!;
  return {
    write(bytes) {
      const taken = bytes.subarray(0, size());
      held = Uint8Array.from([...held, ...taken]);
      return Promise.resolve(taken.length);
    },
    read(into) {
      if (held.length === 0) return Promise.resolve(isOver ? null : 0);
      const given = held.subarray(0, Math.min(size(), into.length));
      into.set(given);
      held = held.slice(given.length);
      return Promise.resolve(given.length);
    },
    end: () => void (isOver = true),
  };
}

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, at) => at * 7);

Deno.test("messages arrive as they were sent, in whatever pieces they travel", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.json(), fc.array(fc.nat(200), { maxLength: 5 }))),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      async (messages, sizes) => {
        const way = pipe(sizes);
        const send = createFrameWriter(way);
        const sent = messages.map(([json, lengths]): Frame => ({
          head: JSON.parse(json),
          bodies: lengths.map(bytesOf),
        }));
        await Promise.all(sent.map(({ head, bodies }) => send(head, bodies)));
        way.end();
        const receive = createFrameReader(way);
        for (const { head, bodies } of sent) {
          const frame = await receive();
          assert.deepEqual(frame?.head, JSON.parse(JSON.stringify(head)));
          assert.deepEqual(frame?.bodies, bodies);
        }
        assert.equal(await receive(), undefined);
      },
    ),
  );
});

Deno.test("each body has a buffer of its own, whatever its size", async () => {
  for (const length of [0, 1, 32_768, 32_769, 65_535, 65_536, 65_537, 200_000]) {
    const way = pipe();
    const send = createFrameWriter(way);
    await send({ first: length }, [bytesOf(length)]);
    await send({ second: length }, [bytesOf(length), bytesOf(3)]);
    const receive = createFrameReader(way);
    for (const [name, lengths] of [["first", [length]], ["second", [length, 3]]] as const) {
      const frame = await receive();
      assert.deepEqual(frame, { head: { [name]: length }, bodies: lengths.map(bytesOf) });
      assert.deepEqual(frame!.bodies.map(({ buffer }) => buffer.byteLength), lengths);
    }
  }
});

Deno.test("what is sent is what it was when it was given", async () => {
  const way = pipe();
  const send = createFrameWriter(way);
  const head = { kind: "before" };
  const sent = send(head);
  head.kind = "after";
  await sent;
  assert.deepEqual((await createFrameReader(way)())?.head, { kind: "before" });
});

Deno.test("a connection that ends within a message gives none", async () => {
  const [whole] = encodeFrame({ a: 1 }, [bytesOf(10), bytesOf(3)]);
  for (let length = 0; length < whole!.length; length++) {
    const way = pipe();
    await way.write(whole!.subarray(0, length));
    way.end();
    assert.equal(await createFrameReader(way)(), undefined, `${length} bytes`);
  }
});

Deno.test("lengths that no message has are refused before anything is set aside for them", async () => {
  const rows: [number, number, ...number[]][] = [
    [2 ** 20 + 1, 0],
    [2, 17],
    [2, 2 ** 32 - 1],
    [2 ** 32 - 1, 2 ** 32 - 1],
    [2, 1, 2 ** 31 + 1],
    [2, 2, 1, 2 ** 31],
  ];
  for (const words of rows) {
    const way = pipe();
    const prefix = new Uint8Array(4 * words.length + 2 + 1);
    words.forEach((word, index) => new DataView(prefix.buffer).setUint32(4 * index, word));
    prefix.set(new TextEncoder().encode("{}"), 4 * words.length);
    await way.write(prefix);
    await assert.rejects(createFrameReader(way)(), /none of ours/);
  }
});

Deno.test("every option that can be asked for survives the way to the engine", () => {
  for (const { examples } of Object.values(OPTIONS)) {
    for (const example of examples) {
      const options = parseOptions(example);
      assert.deepEqual(JSON.parse(JSON.stringify(options)), options, example);
    }
  }
});
