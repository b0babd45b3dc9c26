// For what must cost little: how busy the machine is during one try says nothing of it, the best of several does.
import assert from "node:assert/strict";
import process from "node:process";

const TRIES = 10;

/**
 * Does it until it takes less than so many milliseconds; throws where it never does. What is done at once, with no
 * promise of more, is asked for the time that processors have spent on it.
 */
export async function assertWithin(
  milliseconds: number,
  work: () => unknown,
  what = "It",
): Promise<void> {
  const times: number[] = [];
  while (times.length < TRIES) {
    const started = performance.now();
    const before = process.cpuUsage();
    const done = work();
    const { user, system } = process.cpuUsage(before);
    if (done instanceof Promise) await done;
    const passed = performance.now() - started;
    times.push(
      Math.ceil(done instanceof Promise ? passed : Math.min(passed, (user + system) / 1000)),
    );
    if (times.at(-1)! <= milliseconds) return;
  }
  assert.fail(`${what} took ${times} ms, and never as little as ${milliseconds}`);
}
