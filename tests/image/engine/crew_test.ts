import assert from "node:assert/strict";
import type { Pool, PoolOptions } from "../../../src/image/engine/pool.ts";
import { formatOf } from "../../../src/image/formats/table.ts";
import type { TransformJob } from "../../../src/image/plan/job.ts";
import { enginesOf, ticks } from "../../testing/engines.ts";
import { eventually, withinTwoSeconds } from "../../testing/eventually.ts";
import { HOSTILE, slowly } from "../../testing/hostile_engine.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { failureOf, job, SMALL, startHostile, withPool } from "../../testing/pools.ts";

/** A test that looks at processes as Linux shows them. */
function linuxTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os !== "linux", fn });
}

/** A pool whose workers do what hostile bytes say, all of them ready. */
async function withHostile(
  options: Partial<PoolOptions>,
  use: (pool: Pool, losses: readonly string[]) => Promise<void>,
): Promise<void> {
  const losses: string[] = [];
  const onLoss = (message: string, cause: string) => losses.push(`${message}: ${cause}`);
  const minWorkers = options.workers ?? 1;
  await withPool({ start: startHostile, minWorkers, onLoss, ...options }, async (pool) => {
    await pool.ready();
    await use(pool, losses);
  });
}

/** Keeps a worker busy for so long, and then makes a picture of so many pixels. */
const slow = (milliseconds: number, width = 3) => job(`${width}x`, slowly(milliseconds, SMALL));

/** How long the slowest of the first pictures of a pool takes, in milliseconds. */
async function slowestOfFirst(): Promise<number> {
  const times: number[] = [];
  await withHostile({ workers: 2 }, async (pool) => {
    for (let width = 1; width <= 5; width++) {
      const started = performance.now();
      await pool.transform(job(`${width}x`));
      times.push(performance.now() - started);
    }
  });
  return Math.max(...times);
}

/** How many times as long as on an idle machine a test should take: in 600 ms a small picture is to be made. */
const pace = Math.min(6, Math.max(1, await slowestOfFirst() / 120));
const paced = (milliseconds: number) => 100 * Math.ceil(pace * milliseconds / 100);

for (const endless of ["loop", "wasmLoop"] as const) {
  linuxTest(
    `a worker in an endless ${endless} is answered 504, and its processor and memory are back in two seconds`,
    async () => {
      const timeoutMs = paced(600);
      await withHostile({ workers: 2, timeoutMs }, async (pool) => {
        const [held] = await enginesOf(Deno.pid);
        const stuck = pool.transform(job("2x", HOSTILE[endless]));
        const failure = await failureOf(stuck);
        const ends = withinTwoSeconds(async () => assert.equal(await ticks(held!), 0));
        ends.catch(() => {});
        assert.equal(failure.status, 504);
        assert.ok(failure.message.includes(`longer than ${timeoutMs / 1000} s`), failure.message);
        // What comes meanwhile is served.
        assert.equal((await pool.transform(job("3x"))).width, 3);
        await ends;
        await eventually(() => assert.equal(pool.stats().processes, 1));
        const [successor] = await enginesOf(Deno.pid);
        await pool.transform(job("2x"));
        // Nothing goes on behind anyone's back once it has warmed up.
        await eventually(async () => {
          const before = await ticks(successor!);
          await new Promise((resolve) => setTimeout(resolve, 500));
          assert.ok(await ticks(successor!) - before < 5);
        });
        assert.equal(pool.stats().replaced.timeout, 1);
      });
    },
  );
}

Deno.test("several endless workers are each answered in their time, and leave one process", async () => {
  await withHostile({ workers: 2, timeoutMs: paced(600) }, async (pool) => {
    const endless = Array.from({ length: 4 }, () => pool.transform(job("2x", HOSTILE.loop)));
    for (const image of endless) assert.equal((await failureOf(image)).status, 504);
    await eventually(() => assert.equal(pool.stats().processes, 1));
    assert.equal((await pool.transform(job("2x"))).width, 2);
  });
});

Deno.test("what is in a process with an endless worker is finished, or begun again in the successor", async () => {
  await withHostile({ workers: 3, timeoutMs: paced(4000) }, async (pool) => {
    const started: number[] = [];
    const note = (n: number) => ({ onStart: () => void started.push(n) });
    const endless = pool.transform(job("2x", HOSTILE.loop));
    await new Promise((resolve) => setTimeout(resolve, paced(3000)));
    // One that has not ended when the others' last moment is over, and one that has.
    const late = pool.transform(slow(paced(3000), 2), note(1));
    const early = pool.transform(slow(paced(1000), 3), note(2));
    assert.equal((await failureOf(endless)).status, 504);
    assert.equal((await early).width, 3);
    const { timings } = await late;
    assert.ok(timings.queue > 1000, `begun again after ${timings.queue} ms`);
    // Whoever waits is told once that it is begun.
    assert.deepEqual(started, [1, 2]);
  });
});

linuxTest("an idle process that is killed is replaced, and nobody notices", async () => {
  await withHostile({}, async (pool, losses) => {
    const [pid] = await enginesOf(Deno.pid);
    Deno.kill(pid!, "SIGKILL");
    await eventually(() => assert.equal(pool.stats().replaced.died, 1));
    assert.equal((await pool.transform(job("2x"))).width, 2);
    assert.match(losses[0]!, /^The image engine ended, at work on nothing: .*SIGKILL/);
  });
});

linuxTest("a transform whose process is killed is tried again, and comes to its end", async () => {
  await withHostile({ timeoutMs: 20_000 }, async (pool, losses) => {
    const unlucky = pool.transform(slow(1000));
    await killNewestAtWork(pool);
    assert.equal((await unlucky).width, 3);
    assert.equal(losses.length, 1);
    assert.match(
      losses[0]!,
      /^The image engine ended, at work on \d+ bytes with \{.*"width":3.*\}: It was ended by SIGKILL/,
    );
    await eventually(() => assert.equal(pool.stats().processes, 1));
  });
});

Deno.test("what makes the process abort is tried once more, then refused, and others go on", async () => {
  await withHostile({ workers: 2 }, async (pool, losses) => {
    const fatal = failureOf(pool.transform(job("2x", HOSTILE.crash)));
    await eventually(() => assert.equal(losses.length, 1));
    // While it is tried once more.
    assert.equal((await pool.transform(job("2x"))).width, 2);
    const failure = await fatal;
    assert.equal(failure.status, 422);
    assert.match(String(failure.cause), /^It was ended by SIGABRT/);
    assert.equal(pool.stats().replaced.died, 2);
    await eventually(() => assert.equal(pool.stats().processes, 1));
    assert.equal((await pool.transform(job("3x"))).width, 3);
  });
});

for (const greedy of ["memory", "heap"] as const) {
  Deno.test(`a process that takes more ${greedy} than it may is ended, and only who took it refused`, async () => {
    const options = { workers: 2, maxProcessMemory: 500e6, timeoutMs: 30_000 };
    await withHostile(options, async (pool, losses) => {
      const refused = failureOf(pool.transform(job("2x", HOSTILE[greedy])));
      const bystander = pool.transform(slow(2000));
      const failure = await refused;
      assert.equal(failure.status, 422);
      assert.match(String(failure.cause), /^It took \d+ MB of memory/);
      assert.equal((await bystander).width, 3);
      assert.equal(pool.stats().replaced.ceiling, 2);
      assert.equal(losses.length, 2);
    });
  });
}

linuxTest("of those in a process that is killed each is tried alone", async () => {
  await withHostile({ workers: 3, timeoutMs: 20_000 }, async (pool) => {
    const images = [1, 2, 3].map((n) => pool.transform(slow(700, n)));
    await eventually(() => assert.equal(pool.stats().running, 3));
    await killNewestAtWork(pool);
    await eventually(() => assert.equal(pool.stats().running, 0));
    const together: number[] = [];
    const watch = setInterval(() => together.push(pool.stats().running), 5);
    assert.deepEqual((await Promise.all(images)).map(({ width }) => width), [1, 2, 3]);
    clearInterval(watch);
    assert.equal(Math.max(...together), 1);
  });
});

Deno.test("a worker that throws what nobody catches is replaced, and its picture refused", async () => {
  await withHostile({}, async (pool) => {
    const failure = await failureOf(pool.transform(job("2x", HOSTILE.thrown)));
    assert.equal(failure.status, 422);
    assert.match(String(failure.cause), /thrown on purpose/);
    assert.equal((await pool.transform(job("2x"))).width, 2);
    const { broken, died } = pool.stats().replaced;
    assert.deepEqual({ broken, died }, { broken: 1, died: 0 });
  });
});

Deno.test("others in a process go on while one hangs or breaks", async () => {
  await withHostile({ workers: 3, timeoutMs: paced(1500) }, async (pool) => {
    const hung = pool.transform(job("2x", HOSTILE.loop));
    // What is not a job makes the worker's own code throw, as a broken engine does.
    const broken = pool.transform({
      ...job("2x"),
      options: null as unknown as TransformJob["options"],
    });
    const failures = Promise.all([failureOf(hung), failureOf(broken)]);
    for (let count = 0; count < 30; count++) {
      assert.equal((await pool.transform(job("2x"))).width, 2);
    }
    assert.deepEqual((await failures).map(({ status }) => status), [504, 500]);
    const { timeout, broken: replaced } = pool.stats().replaced;
    assert.deepEqual({ timeout, replaced }, { timeout: 1, replaced: 1 });
  });
});

/** Photographs take an encoder's whole way. */
const PHOTOGRAPH = writeByEngine(photo(2600, 2000), "JPEG");

for (const format of ["avif", "webp", "jxl", "tiff"] as const) {
  Deno.test(`a worker's engine takes no more memory than its ceiling, and says that ${format} cannot be written`, async () => {
    await withPool({ workerMemoryCeiling: 30e6 }, async (pool) => {
      const { name } = formatOf(format);
      const failure = await failureOf(pool.transform(job(`${format},2000x`, PHOTOGRAPH)));
      assert.equal(failure.status, 413, `${failure} ${failure.cause}`);
      assert.equal(
        failure.message,
        `The picture of 2000×1538 pixels cannot be written as ${name}. ` +
          "Ask for a smaller size or another format",
      );
      assert.ok(failure.cause);
      assert.equal((await pool.transform(job("2x"))).width, 2);
    });
  });
}

Deno.test("what is refused below a ceiling is made above it", async () => {
  await withPool({}, async (pool) => {
    assert.equal((await pool.transform(job("avif,2000x", PHOTOGRAPH))).width, 2000);
  });
});

/** Kills the process that was started last, when it has had a moment for the transform that it has. */
async function killNewestAtWork(pool: Pool): Promise<void> {
  await eventually(() => assert.ok(pool.stats().running > 0));
  await new Promise((resolve) => setTimeout(resolve, 100));
  Deno.kill(Math.max(...await enginesOf(Deno.pid)), "SIGKILL");
}
