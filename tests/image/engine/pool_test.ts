import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { ProxyError } from "../../../src/errors.ts";
import type { TransformJob } from "../../../src/image/plan/job.ts";
import { createPool, type Pool, type PoolOptions } from "../../../src/image/engine/pool.ts";
import { DEFAULT_ENCODING } from "../../../src/image/formats/encoding.ts";
import { parseOptions } from "../../../src/options/parse.ts";
import { type EngineOptions, spawnEngine } from "../../../src/image/engine/engine_process.ts";
import type { OutputFormat } from "../../../src/image/formats/table.ts";
import { enginesOf, ticks } from "../../testing/engines.ts";
import { eventually } from "../../testing/eventually.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { look, picture, startEngine } from "../../testing/pictures.ts";

const DEFAULTS: PoolOptions = {
  limits: { maxPixels: 1e8, maxFrames: 100, maxTotalPixels: 1e8, maxOutputPixels: 1e8 },
  workers: 1,
  maxWaiting: 10,
  timeoutMs: 10_000,
  maxWorkerMemory: 1e9,
};

await startEngine();
const SMALL = picture(["rg", "by"], { scale: 4 });
const LARGE = picture(["rgby", "cmyk", "wkrg"], { scale: 500 });

function job(options: string, bytes: Uint8Array = SMALL): TransformJob {
  return {
    bytes,
    options: parseOptions(options) as TransformJob["options"] & { format?: OutputFormat },
    scaleUp: false,
    limits: { maxPixels: 1e8, maxFrames: 10, maxTotalPixels: 1e8, maxOutputPixels: 1e8 },
  };
}

/** A test that looks at processes as Linux shows them. */
function linuxTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os !== "linux", fn });
}

async function withPool(
  options: Partial<PoolOptions>,
  use: (pool: Pool) => Promise<void>,
) {
  const pool = createPool({ ...DEFAULTS, ...options });
  try {
    await use(pool);
  } finally {
    await pool.close();
  }
}

Deno.test("a pool transforms many images, each answer to its own question", async () => {
  await withPool({ workers: 2, maxWaiting: 100 }, async (pool) => {
    const images = await Promise.all(
      Array.from({ length: 24 }, (_, index) => pool.transform(job(`${1 + index % 8}x`))),
    );
    images.forEach((image, index) => assert.equal(look(image.bytes).width, 1 + index % 8));
    const { memory, ...stats } = pool.stats();
    assert.ok(memory > 30e6 && memory < 600e6, `${memory}`);
    assert.deepEqual(stats, {
      processes: 1,
      workers: 2,
      ready: 2,
      begun: 24,
      running: 0,
      waiting: 0,
      errands: 0,
      replaced: { timeout: 0, died: 0, ceiling: 0, memory: 0, broken: 0, worn: 0, idle: 0 },
    });
  });
});

Deno.test("a pool leaves the caller's bytes alone", async () => {
  await withPool({}, async (pool) => {
    const bytes = SMALL.slice();
    await pool.transform(job("2x", bytes));
    assert.deepEqual(bytes, SMALL);
  });
});

Deno.test("a pool refuses what would wait behind too many others, and says when to try again", async () => {
  await withPool({ maxWaiting: 2 }, async (pool) => {
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => pool.transform(job("2x"))),
    );
    assert.deepEqual(results.map(({ status }) => status), [
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    for (const result of results.slice(3)) {
      assert.ok(result.status === "rejected" && result.reason instanceof ProxyError);
      assert.equal(result.reason.status, 503);
      assert.equal(result.reason.retryAfter, 1);
    }
  });
});

Deno.test("a pool lets only so many bytes wait, but always one original", async () => {
  await withPool({ maxWaitingBytes: 2 * SMALL.length }, async (pool) => {
    const results = await Promise.allSettled(
      Array.from({ length: 4 }, () => pool.transform(job("2x"))),
    );
    assert.deepEqual(results.map(({ status }) => status), [
      ...["fulfilled", "fulfilled", "fulfilled", "rejected"],
    ]);
  });
  await withPool({ maxWaitingBytes: 1 }, async (pool) => {
    const results = await Promise.allSettled([1, 2, 3].map(() => pool.transform(job("2x"))));
    assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected"]);
  });
});

Deno.test("a pool ends a transform that takes too long, and its worker with it", async () => {
  await withPool({ timeoutMs: 30 }, async (pool) => {
    await pool.ready();
    await assert.rejects(pool.transform(job("r90,avif,1500x", LARGE)), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.status, 504);
      return true;
    });
    assert.equal(pool.stats().replaced.timeout, 1);
  });
});

Deno.test("a pool serves the next image after one that took too long or was no image", async () => {
  await withPool({ timeoutMs: 2000 }, async (pool) => {
    await assert.rejects(pool.transform(job("2x", Uint8Array.of(1, 2, 3))), /not an image/);
    await assert.rejects(
      pool.transform(job("2x", SMALL.slice(0, 60))),
      (error) => (error as ProxyError).status === 422,
    );
    assert.equal((await pool.transform(job("2x"))).width, 2);
  });
});

Deno.test("a pool replaces a worker whose memory has grown past the limit", async () => {
  await withPool({ maxWorkerMemory: 1 }, async (pool) => {
    for (let count = 1; count <= 3; count++) {
      assert.equal((await pool.transform(job("2x"))).width, 2);
      assert.equal(pool.stats().replaced.memory, count);
    }
  });
});

Deno.test("a pool drops a waiting job whose caller has gone, and runs the rest", async () => {
  await withPool({}, async (pool) => {
    const gone = new AbortController();
    const first = pool.transform(job("2x"));
    const dropped = pool.transform(job("3x"), { signal: gone.signal });
    const last = pool.transform(job("4x"));
    gone.abort(new Error("left"));
    await assert.rejects(dropped);
    assert.deepEqual([(await first).width, (await last).width], [2, 4]);
  });
});

Deno.test("a pool that closes rejects what runs and what waits", async () => {
  const pool = createPool(DEFAULTS);
  await pool.ready();
  const results = [pool.transform(job("2x")), pool.transform(job("3x"))];
  const closed = pool.close();
  for (const result of results) await assert.rejects(result, /stopping/);
  await assert.rejects(pool.transform(job("2x")), /stopping/);
  await closed;
  assert.deepEqual(await enginesOf(Deno.pid), []);
});

Deno.test("a pool whose engine cannot start says so, and does not start it over and over", async () => {
  let starts = 0;
  const start = (options: EngineOptions) => {
    starts++;
    // Not so much memory as it starts with.
    return spawnEngine({ ...options, limits: 1 as unknown as EngineOptions["limits"] });
  };
  await withPool({ start, workers: 2 }, async (pool) => {
    for (let count = 0; count < 2; count++) {
      await assert.rejects(pool.transform(job("2x")), (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(error.status, 500);
        assert.match(error.message, /did not start/);
        return true;
      });
    }
    assert.ok(starts <= 4);
  });
});

/** A picture of ten million pixels, and one that takes more memory than a small job may. */
const TEN_MEGAPIXELS = picture(["rgby", "cmyk"], { scale: 1250 });
const FORTY_MEGABYTES = picture(["rgby", "cmyk"], { scale: 1250, format: "BMP" });
const TOO_LARGE = /takes some \d+ MB to transform, where 120 MB/;

Deno.test("a pool has large pictures wait for memory, and lets small ones pass them", async () => {
  await withPool({ workers: 2, memory: 200e6 }, async (pool) => {
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const large = [1, 2, 3].map((n) =>
      pool.transform(job(`${100 + n}x`, FORTY_MEGABYTES)).then(note(`large ${n}`))
    );
    const small = [1, 2, 3, 4].map((n) => pool.transform(job(`${n}x`)).then(note("small")));
    await Promise.all([...small, ...large]);
    // Which of the large ones is first found to be large is up to the workers.
    const finished = order.map((name, at) => name === "small" ? -1 : at).filter((at) => at >= 0);
    assert.equal(finished.length, 3);
    assert.ok(order.lastIndexOf("small") < finished[1]!, order.join());
  });
});

Deno.test("a pool makes a small picture for one client while another has long ones in work", async () => {
  await withPool({ workers: 2, minWorkers: 2 }, async (pool) => {
    const photograph = writeByEngine(photo(2000, 1500), "JPEG");
    const long = {
      ...job("avif", photograph),
      encoding: { ...DEFAULT_ENCODING, effort: 3 as const },
    };
    const asker = { client: "a", origin: "example.com" };
    const both = [pool.transform(long, { asker }), pool.transform(long, { asker })];
    for (const each of both) each.catch(() => {});
    const inWork = () => [pool.stats().running, pool.stats().waiting];
    await eventually(() => assert.deepEqual(inWork(), [1, 1]));
    for (let picture = 0; picture < 3; picture++) {
      const started = performance.now();
      await pool.transform(job("2x"), { asker: { ...asker, client: "b" } });
      assert.ok(performance.now() - started < 1000, `${performance.now() - started} ms`);
    }
    assert.deepEqual(inWork(), [1, 1]);
  });
});

Deno.test("a pool refuses a picture that needs more memory than all of it may take", async () => {
  await withPool({ workers: 2, memory: 120e6 }, async (pool) => {
    await assert.rejects(pool.transform(job("100x", FORTY_MEGABYTES)), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.status, 413);
      assert.match(error.message, TOO_LARGE);
      return true;
    });
    assert.equal((await pool.transform(job("2x"))).width, 2);
  });
});

/** Much to do for an encoder. */
const GRAINY = writeByEngine(photo(4000, 3000), "BMP");
/** A transform that takes seven seconds or more. */
const slow = () => job("avif,q100,r90", GRAINY);
/** One that takes a few seconds. */
const lengthy = () => job("avif,q100,blur:200", TEN_MEGAPIXELS);

Deno.test("a pool's other workers go on while one hangs or breaks", async () => {
  await withPool({ workers: 2, minWorkers: 2, timeoutMs: 1500 }, async (pool) => {
    await pool.ready();
    const hung = pool.transform(slow());
    // What is not a job makes the worker's own code throw, as a broken engine does.
    const broken = pool.transform({
      ...job("2x"),
      options: null as unknown as TransformJob["options"],
    });
    const failures = Promise.allSettled([hung, broken]);
    for (let count = 0; count < 30; count++) {
      assert.equal((await pool.transform(job("2x"))).width, 2);
    }
    const statuses = (await failures).map((result) =>
      result.status === "rejected" ? (result.reason as ProxyError).status : 200
    );
    assert.deepEqual(statuses, [504, 422]);
    const { replaced } = pool.stats();
    assert.equal(replaced.timeout, 1);
    assert.equal(replaced.broken, 1);
  });
});

linuxTest(
  "a transform that takes too long leaves no process at work, and no memory, after two seconds",
  async () => {
    await withPool({ timeoutMs: 500 }, async (pool) => {
      await pool.ready();
      const before = await enginesOf(Deno.pid);
      assert.equal(before.length, 1);
      await assert.rejects(pool.transform(slow()), /longer than 0.5 s/);
      const answered = performance.now();
      await eventually(async () => {
        const now = await enginesOf(Deno.pid);
        assert.ok(!now.includes(before[0]!) && now.length === 1, `${before} became ${now}`);
      });
      assert.ok(performance.now() - answered < 2000);
      assert.equal((await pool.transform(job("2x"))).width, 2);
    });
  },
);

linuxTest(
  "what shares a process with a transform that takes too long is begun again, once beside others and then alone",
  async () => {
    await withPool({ workers: 2, minWorkers: 2, timeoutMs: 5000 }, async (pool) => {
      await pool.ready();
      const late = assert.rejects(pool.transform(slow()), /longer than/);
      await delay(3800);
      // It is in work when the other's time is up, takes more than the moment that it then has to
      // finish, and less than a time of its own.
      const bystander = pool.transform(lengthy());
      await late;
      assert.equal((await bystander).height, 2500);
      assert.equal(pool.stats().replaced.timeout, 1);
    });
  },
);

linuxTest(
  "a transform whose process is killed is tried again, and what was killed twice is refused",
  async () => {
    const losses: string[] = [];
    const onLoss = (message: string, cause: string) => losses.push(`${message}: ${cause}`);
    await withPool({ onLoss, timeoutMs: 20_000 }, async (pool) => {
      await pool.ready();
      const unlucky = pool.transform(job("r90,avif,q100", TEN_MEGAPIXELS));
      await killEngineAtWork(pool);
      assert.equal((await unlucky).height, 5000);
      await eventually(() => assert.equal(pool.stats().processes, 1));

      const fatal = pool.transform(slow());
      const refused = assert.rejects(fatal, (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(error.status, 422);
        assert.match(String(error.cause), /SIGKILL/);
        return true;
      });
      await killEngineAtWork(pool);
      // Others go on while the suspect is tried.
      assert.equal((await pool.transform(job("2x"))).width, 2);
      await killEngineAtWork(pool);
      await refused;
      assert.equal((await pool.transform(job("3x"))).width, 3);
      assert.equal(pool.stats().replaced.died, 3);
      assert.equal(losses.length, 3);
      assert.match(
        losses[0]!,
        /^The image engine ended, at work on \d+ bytes with \{.*: It was ended by SIGKILL/,
      );
      await eventually(() => assert.equal(pool.stats().processes, 1));
    });
  },
);

linuxTest("of those in a process that is killed each is tried alone", async () => {
  await withPool({ workers: 3, minWorkers: 3, timeoutMs: 20_000 }, async (pool) => {
    await pool.ready();
    const images = [1, 2, 3].map((n) =>
      pool.transform(job(`r90,avif,${700 + n}x`, TEN_MEGAPIXELS))
    );
    await eventually(() => assert.equal(pool.stats().running, 3));
    await killEngineAtWork(pool);
    await eventually(() => assert.equal(pool.stats().running, 0));
    const together: number[] = [];
    const watch = setInterval(() => together.push(pool.stats().running), 5);
    assert.deepEqual((await Promise.all(images)).map(({ height }) => height), [701, 702, 703]);
    clearInterval(watch);
    assert.equal(Math.max(...together), 1);
  });
});

linuxTest(
  "a process that takes more memory than it may is ended, and the picture refused",
  async () => {
    const losses: string[] = [];
    const onLoss = (message: string, cause: string) => losses.push(`${message}: ${cause}`);
    await withPool({ onLoss, timeoutMs: 30_000, maxProcessMemory: 300e6 }, async (pool) => {
      await pool.ready();
      await assert.rejects(
        pool.transform(job("avif,r90", TEN_MEGAPIXELS)),
        (error) => (error as ProxyError).status === 422,
      );
      assert.match(losses[0]!, /It took \d+ MB of memory/);
      assert.equal((await pool.transform(job("2x"))).width, 2);
    });
  },
);

Deno.test("a worker's engine takes no more memory than its ceiling, whatever the picture", async () => {
  await withPool({ workerMemoryCeiling: 60e6 }, async (pool) => {
    const failure = await pool.transform(job("avif,1999x", LARGE)).then(
      () => undefined,
      (error) => error,
    );
    assert.ok(failure instanceof ProxyError, "it passed");
    assert.ok([413, 422].includes(failure.status), `${failure.status} ${failure.cause}`);
    assert.equal((await pool.transform(job("2x"))).width, 2);
    assert.ok(pool.stats().memory < 300e6);
  });
});

Deno.test("workers are started when they are needed, and let go when they are not", async () => {
  await withPool({ workers: 3, idleMs: 600 }, async (pool) => {
    await pool.ready();
    assert.equal(pool.stats().workers, 1);
    const images = Array.from(
      { length: 9 },
      (_, n) => pool.transform(job(`r90,${800 + n}x`, LARGE)),
    );
    await eventually(() => assert.equal(pool.stats().ready, 3));
    await Promise.all(images);
    await eventually(() => {
      const { workers, processes, replaced } = pool.stats();
      assert.deepEqual([workers, processes, replaced.idle], [1, 1, 1]);
    });
    assert.equal((await pool.transform(job("2x"))).width, 2);
  });
});

/** Kills the process that has a transform in work, when there is one that has had a moment for it. */
async function killEngineAtWork(pool: Pool): Promise<void> {
  await eventually(() => assert.ok(pool.stats().running > 0));
  await delay(100);
  Deno.kill(await busiest(await enginesOf(Deno.pid)), "SIGKILL");
}

/** The process, of several, that spends the most time on processors. */
async function busiest(pids: readonly number[]): Promise<number> {
  if (pids.length === 1) return pids[0]!;
  const spent = () => Promise.all(pids.map(ticks));
  const before = await spent();
  await delay(500);
  const since = (await spent()).map((now, index) => now - before[index]!);
  return pids[since.indexOf(Math.max(...since))]!;
}
