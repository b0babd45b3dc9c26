import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { engineModule } from "../../../src/image/engine/engine_module.js";
import type { TransformJob } from "../../../src/image/plan/job.ts";
import {
  createPool,
  type PoolOptions,
  type TransformPool,
} from "../../../src/image/engine/pool.ts";
import { parseOptions } from "../../../src/options/parse.ts";
import type { OutputFormat } from "../../../src/options/table.ts";
import { look, picture, startEngine } from "../../testing/pictures.ts";

const DEFAULTS: PoolOptions = {
  engine: engineModule,
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

async function withPool(
  options: Partial<PoolOptions>,
  use: (pool: TransformPool) => Promise<void>,
) {
  const pool = createPool({ ...DEFAULTS, ...options });
  try {
    await use(pool);
  } finally {
    pool.close();
  }
}

Deno.test("a pool transforms many images, each answer to its own question", async () => {
  await withPool({ workers: 2, maxWaiting: 100 }, async (pool) => {
    const images = await Promise.all(
      Array.from({ length: 24 }, (_, index) => pool.transform(job(`${1 + index % 8}x`))),
    );
    images.forEach((image, index) => assert.equal(look(image.bytes).width, 1 + index % 8));
    assert.deepEqual(pool.stats(), {
      workers: 2,
      ready: 2,
      begun: 24,
      running: 0,
      waiting: 0,
      errands: 0,
      replaced: { timeout: 0, broken: 0, memory: 0 },
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
  const results = [pool.transform(job("2x")), pool.transform(job("3x"))];
  pool.close();
  for (const result of results) await assert.rejects(result, /stopping/);
  await assert.rejects(pool.transform(job("2x")), /stopping/);
});

Deno.test("a pool whose workers cannot start says so, and does not start them over and over", async () => {
  const broken = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  await withPool({ engine: broken, workers: 2 }, async (pool) => {
    await assert.rejects(pool.transform(job("2x")), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.status, 500);
      return true;
    });
    await assert.rejects(pool.transform(job("2x")), /did not start/);
    assert.ok(pool.stats().replaced.broken <= 4);
  });
});

/** A picture of ten million pixels: more than a small job may take. */
const TEN_MEGAPIXELS = picture(["rgby", "cmyk"], { scale: 1250 });
const TOO_LARGE = /takes some \d+ MB to transform, where 80 MB/;

Deno.test("a pool has large pictures wait for memory, and lets small ones pass them", async () => {
  await withPool({ workers: 2, memory: 120e6 }, async (pool) => {
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const large = [1, 2, 3].map((n) =>
      pool.transform(job(`${100 + n}x`, TEN_MEGAPIXELS)).then(note(`large ${n}`))
    );
    const small = [1, 2, 3, 4].map((n) => pool.transform(job(`${n}x`)).then(note("small")));
    await Promise.all([...small, ...large]);
    // Which of the large ones is first found to be large is up to the workers.
    const finished = order.map((name, at) => name === "small" ? -1 : at).filter((at) => at >= 0);
    assert.equal(finished.length, 3);
    assert.ok(order.lastIndexOf("small") < finished[1]!, order.join());
  });
});

Deno.test("a pool refuses a picture that needs more memory than all of it may take", async () => {
  await withPool({ workers: 2, memory: 80e6 }, async (pool) => {
    await assert.rejects(pool.transform(job("100x", TEN_MEGAPIXELS)), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.status, 413);
      assert.match(error.message, TOO_LARGE);
      return true;
    });
    assert.equal((await pool.transform(job("2x"))).width, 2);
  });
});

Deno.test("a pool's other workers go on while one hangs, breaks or grows", async () => {
  await withPool({ workers: 2, timeoutMs: 400 }, async (pool) => {
    await pool.ready();
    const hung = pool.transform(job("avif,1999x,q100,blur:200", LARGE));
    // What is not a job makes the worker's own code throw, as a broken engine does.
    const broken = pool.transform({ ...job("2x"), bytes: 1 as unknown as Uint8Array });
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
