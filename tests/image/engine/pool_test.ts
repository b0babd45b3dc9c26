import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { type EngineOptions, spawnEngine } from "../../../src/image/engine/engine_process.ts";
import { createPool } from "../../../src/image/engine/pool.ts";
import { DEFAULT_ENCODING } from "../../../src/image/formats/encoding.ts";
import { enginesOf } from "../../testing/engines.ts";
import { eventually } from "../../testing/eventually.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { look, picture } from "../../testing/pictures.ts";
import { job, LARGE, POOL_DEFAULTS, SMALL, withPool } from "../../testing/pools.ts";

Deno.test("a pool transforms many images, each answer to its own question", async () => {
  await withPool({ workers: 2, minWorkers: 2, maxWaiting: 100 }, async (pool) => {
    const images = await Promise.all(
      Array.from({ length: 24 }, (_, index) => pool.transform(job(`${1 + index % 8}x`))),
    );
    images.forEach((image, index) => assert.equal(look(image.bytes).width, 1 + index % 8));
    const { memory, processorSeconds, ...stats } = pool.stats();
    assert.ok(processorSeconds > 0.05 && processorSeconds < 60, `${processorSeconds}`);
    assert.ok(memory > 30e6 && memory < 600e6, `${memory}`);
    assert.deepEqual(stats, {
      processes: 1,
      workers: 2,
      ready: 2,
      begun: 24,
      running: 0,
      waiting: 0,
      errands: 0,
      replaced: {
        ...{ timeout: 0, died: 0, ceiling: 0, memory: 0, broken: 0 },
        ...{ worn: 0, outgrown: 0, idle: 0 },
      },
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
  const pool = createPool(POOL_DEFAULTS);
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

Deno.test("a pool whose engine cannot start tells why once, without colours, until that changes", async () => {
  let starts = 0;
  const losses: string[] = [];
  const start = (options: EngineOptions) => {
    const main = new URL(
      `data:text/javascript,throw Error("no ${++starts < 4 ? "one" : "other"}")`,
    );
    return spawnEngine({ ...options, main });
  };
  const onLoss = (_: string, cause: string) => losses.push(cause);
  await withPool({ start, onLoss }, async () => {
    await eventually(() => assert.ok(starts >= 6));
    assert.deepEqual(
      losses.map((cause) => /no (one|other)/.exec(cause.replaceAll("%20", " "))?.[1]),
      ["one", "other"],
    );
    // It is quoted as in JSON.
    for (const cause of losses) assert.ok(!cause.includes("\\u001b"), cause);
  });
});

/** A picture of ten million pixels that takes more memory than a small job may. */
const FORTY_MEGABYTES = picture(["rgby", "cmyk"], { scale: 1250, format: "BMP" });
const TOO_LARGE = /takes some \d+ MB to transform, where 120 MB/;

Deno.test("a pool has large pictures wait for memory, and lets small ones pass them", async () => {
  await withPool({ workers: 2, minWorkers: 2, memory: 200e6 }, async (pool) => {
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
      await pool.transform(job("2x"), { asker: { ...asker, client: "b" } });
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

Deno.test("workers are started when they are needed, and let go when they are not", async () => {
  await withPool({ workers: 3, idleMs: 600 }, async (pool) => {
    await pool.ready();
    assert.equal(pool.stats().workers, 1);
    // Until all are there, however long a machine takes to start them and however fast it makes pictures.
    let isWanted = true;
    const images = Promise.all(Array.from({ length: 9 }, async (_, n) => {
      while (isWanted) await pool.transform(job(`r90,${800 + n}x`, LARGE));
    }));
    await eventually(() => assert.equal(pool.stats().ready, 3)).finally(() => isWanted = false);
    await images;
    await eventually(() => {
      const { workers, processes, replaced } = pool.stats();
      assert.deepEqual([workers, processes, replaced.idle], [1, 1, 1]);
    });
    assert.equal((await pool.transform(job("2x"))).width, 2);
  });
});
