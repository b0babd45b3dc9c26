import assert from "node:assert/strict";
import { createIdleness, type IdleProcess } from "../../../src/image/engine/idleness.ts";

const FRESH: IdleProcess = { ready: 1, running: 0, memory: 100e6, memoryAtFirst: 100e6 };

// of each look: tasks at once since the one before, what there is, and whether that is more than was needed
const ROWS: Readonly<
  Record<string, readonly (readonly [number, Partial<IdleProcess>, boolean])[]>
> = {
  "a fresh one never has": [[0, {}, false], [0, {}, false]],
  "workers count once their load is over": [
    ...[[3, { ready: 3 }, false], [0, { ready: 3 }, true], [2, { ready: 3 }, true]] as const,
    [3, { ready: 3 }, false],
  ],
  "what is still in work is needed in the time to come": [
    [2, { ready: 2, running: 2 }, false],
    [0, { ready: 2 }, false],
    [0, { ready: 2 }, true],
  ],
  "memory counts from a quarter more on, while nothing is done": [
    ...[[0, { memory: 125e6 }, false], [1, { memory: 126e6 }, false]] as const,
    [0, { memory: 126e6 }, true],
  ],
  "memory does not count before all has warmed up": [
    [0, { memory: 900e6, memoryAtFirst: Infinity }, false],
  ],
};

for (const [name, looks] of Object.entries(ROWS)) {
  Deno.test(`createIdleness() tells of a process what it has no use for: ${name}`, () => {
    const idleness = createIdleness(1);
    for (const [index, [peak, process, hasMore]] of looks.entries()) {
      idleness.note(peak);
      assert.equal(idleness.hasMoreThanNeeded({ ...FRESH, ...process }), hasMore, `look ${index}`);
    }
  });
}
