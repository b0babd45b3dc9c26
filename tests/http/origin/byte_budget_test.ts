import assert from "node:assert/strict";
import { createByteBudget } from "../../../src/http/origin/byte_budget.ts";
import { readWhole } from "../../../src/http/origin/arriving_body.ts";
import { fails } from "../../testing/fetching.ts";

Deno.test("a byte budget lets go of whoever holds the most, and never of the only one", () => {
  const budget = createByteBudget(10);
  const gone: string[] = [];
  const arrive = (name: string) => budget.arrive(() => gone.push(name));
  const a = arrive("a");
  a.add(50);
  assert.deepEqual(gone, []);
  const b = arrive("b");
  b.add(1);
  assert.deepEqual(gone, ["a"]);
  const c = arrive("c");
  c.add(9);
  assert.deepEqual(gone, ["a"]);
  b.add(1);
  assert.deepEqual(gone, ["a", "c"]);
  c.add(100);
  c.end();
  const d = arrive("d");
  d.add(8);
  assert.deepEqual(gone, ["a", "c"]);
  b.end();
  d.add(2);
  arrive("e").add(3);
  assert.deepEqual(gone, ["a", "c", "d"]);
});

Deno.test("readWhole() gives up the larger of two bodies, cancels it, and reads the other", async () => {
  const budget = createByteBudget(10);
  let cancelled = false;
  const large = readWhole(
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(8)),
      cancel: () => void (cancelled = true),
    }),
    { budget },
  );
  const refused = assert.rejects(large, fails("busy", /bytes are on their way/));
  await Promise.resolve();
  const small = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new Uint8Array(4));
      controller.close();
    },
  });
  assert.equal((await readWhole(small, { budget })).length, 4);
  await refused;
  assert.ok(cancelled);
});
