import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import {
  createTaskQueue,
  isLong,
  type QueueLimits,
  type Task,
} from "../../../src/image/engine/task_queue.ts";
import type { Cost } from "../../../src/image/plan/job.ts";

const LIMITS: QueueLimits = {
  maxWaiting: 100,
  maxWaitingBytes: undefined,
  memory: 1000e6,
  maxLong: 1,
};
const IDLE = { bytes: 0, long: 0 };
const LONG: Cost = { bytes: 1e6, milliseconds: 5000 };
const large = (megabytes: number): Cost => ({ bytes: megabytes * 1e6, milliseconds: 10 });

interface Named extends Task {
  name: string;
  rejection?: unknown;
}

let clock = 0;

/** A task whose name begins with its client's letter and its origin's: `ax1`. */
function task(name: string, { bytes = 0, cost }: { bytes?: number; cost?: Cost } = {}): Named {
  const made: Named = {
    name,
    asker: { client: name[0]!, origin: name[1]! },
    job: {
      bytes: new Uint8Array(bytes),
      options: {},
      scaleUp: false,
      limits: { maxPixels: 1, maxFrames: 1, maxTotalPixels: 1, maxOutputPixels: 1 },
    },
    ...(cost && { cost }),
    arrived: clock++,
    queued: 0,
    begun: 0,
    onStart: undefined,
    resolve: () => {},
    reject: (reason) => made.rejection = reason,
  };
  return made;
}

function queueOf(names: string, limits: Partial<QueueLimits> = {}) {
  const queue = createTaskQueue({ ...LIMITS, ...limits });
  for (const name of names.split(" ").filter(Boolean)) assert.ok(queue.add(task(name), 0), name);
  return queue;
}

/** The names of all that is taken while nothing else is in work. */
function takeAll(queue: ReturnType<typeof createTaskQueue>): string {
  const taken: string[] = [];
  for (let next = queue.take(IDLE); next; next = queue.take(IDLE)) {
    taken.push((next as Named).name);
  }
  assert.equal(queue.length(), 0);
  return taken.join(" ");
}

// how tasks came, and how they are taken
const TURNS: readonly (readonly [string, string])[] = [
  ["", ""],
  ["ax1 ax2 ax3", "ax1 ax2 ax3"],
  ["ax1 ax2 ax3 bx1 bx2 cx1", "ax1 bx1 cx1 ax2 bx2 ax3"],
  // Of a client the origins take turns too.
  ["ax1 ax2 ax3 ay1 ay2 az1", "ax1 ay1 az1 ax2 ay2 ax3"],
  ["ax1 ax2 ay1 bx1 bx2 bx3", "ax1 bx1 ay1 bx2 ax2 bx3"],
];

for (const [came, taken] of TURNS) {
  Deno.test(`tasks that came as "${came}" are taken in turn`, () => {
    assert.equal(takeAll(queueOf(came)), taken);
  });
}

Deno.test("who comes later has a turn before all that another asked for", () => {
  const queue = queueOf("ax1 ax2 ax3 ax4");
  assert.equal((queue.take(IDLE) as Named).name, "ax1");
  queue.add(task("bx1"), 0);
  assert.equal(takeAll(queue), "ax2 bx1 ax3 ax4");
});

Deno.test("long tasks leave a worker to the others, and are taken when there is room", () => {
  assert.ok(isLong(LONG) && !isLong(large(900)) && !isLong(undefined));
  const queue = queueOf("");
  for (const name of ["ax1", "ax2"]) queue.postpone(task(name), LONG);
  queue.add(task("ax3"), 0);
  queue.add(task("bx1"), 0);
  assert.equal((queue.take({ bytes: 0, long: 1 }) as Named).name, "ax3");
  assert.equal((queue.take({ bytes: 0, long: 1 }) as Named).name, "bx1");
  assert.equal(queue.take({ bytes: 0, long: 1 }), undefined);
  assert.equal(queue.length(), 2);
  assert.equal(takeAll(queue), "ax2 ax1");
});

Deno.test("large tasks wait for memory, and no other large one passes them", () => {
  const queue = queueOf("");
  queue.postpone(task("ax1"), large(800));
  queue.postpone(task("bx1"), large(300));
  queue.add(task("cx1"), 0);
  const load = { bytes: 500e6, long: 0 };
  assert.equal((queue.take(load) as Named).name, "cx1");
  assert.equal(queue.take(load), undefined);
  assert.equal((queue.take({ bytes: 200e6, long: 0 }) as Named).name, "ax1");
  assert.equal((queue.take({ bytes: 700e6, long: 0 }) as Named).name, "bx1");
});

Deno.test("what never could be granted is refused, and what nobody wants is forgotten", () => {
  const queue = queueOf("");
  const tooLarge = task("ax1");
  queue.postpone(tooLarge, large(1001));
  assert.match(String(tooLarge.rejection), /takes some 1001 MB to transform, where 1000 MB is the/);
  queue.postpone(Object.assign(task("ax2"), { isGone: true }), LONG);
  assert.equal(queue.length(), 0);
});

Deno.test("what was broken off comes before all others of its client and origin", () => {
  const queue = queueOf("ax1 bx1");
  queue.putBack([task("ax8"), task("ax9")]);
  assert.equal(takeAll(queue), "ax8 bx1 ax9 ax1");
});

Deno.test("where no room is left the last task of whoever has most gives way", () => {
  const queue = queueOf("ax1 ax2", { maxWaiting: 3 });
  const last = task("ax3");
  queue.add(last, 0);
  assert.ok(queue.add(task("bx1"), 0));
  assert.ok(last.rejection instanceof ProxyError && last.rejection.code === "busy");
  // Two against one: the newcomer would have as many.
  assert.ok(!queue.add(task("bx2"), 0));
  assert.ok(!queue.add(task("ax4"), 0));
  assert.ok(queue.add(task("cx1"), 0));
  assert.equal(takeAll(queue), "ax1 bx1 cx1");
});

Deno.test("those that workers are about to take up do not count as waiting", () => {
  const queue = queueOf("", { maxWaiting: 1 });
  for (const name of ["ax1", "ax2", "ax3"]) assert.ok(queue.add(task(name), 2), name);
  assert.ok(!queue.add(task("ax4"), 2));
  assert.ok(queue.add(task("ax4"), 3));
});

Deno.test("bytes that wait are bounded too, and whoever has most of them gives way", () => {
  const queue = createTaskQueue({ ...LIMITS, maxWaitingBytes: 100 });
  const [first, second] = [task("ax1", { bytes: 60 }), task("ax2", { bytes: 40 })];
  assert.ok(queue.add(first, 0) && queue.add(second, 0));
  assert.ok(!queue.add(task("ax3", { bytes: 1 }), 0));
  assert.ok(queue.add(task("bx1", { bytes: 30 }), 0));
  assert.ok(second.rejection && first.rejection === undefined);
  // It would have more than anybody else.
  assert.ok(!queue.add(task("bx2", { bytes: 35 }), 0));
  assert.equal(takeAll(queue), "ax1 bx1");
  // Alone it may be of any size: there is a limit for each.
  assert.ok(queue.add(task("ax4", { bytes: 500 }), 0));
});

Deno.test("a task that is given up waits no more", () => {
  const queue = queueOf("bx1");
  const given = task("ax1");
  queue.add(given, 0);
  assert.ok(queue.remove(given));
  assert.ok(!queue.remove(given));
  assert.equal(takeAll(queue), "bx1");
});

Deno.test("all that waits is rejected together", () => {
  const queue = queueOf("");
  const tasks = ["ax1", "ay1", "bx1"].map((name) => task(name));
  for (const each of tasks) queue.add(each, 0);
  queue.rejectAll(new ProxyError("busy", "The server is stopping"));
  assert.ok(tasks.every(({ rejection }) => rejection instanceof ProxyError));
  assert.equal(queue.length(), 0);
});
