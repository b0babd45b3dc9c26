import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import {
  createFileDriver,
  type FileDriverOptions,
} from "../../../src/cache/drivers/file_driver.ts";
import { nameOfKey } from "../../../src/cache/drivers/entry_name.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

const MB = 1_000_000;
const WRITER = new URL("../../testing/file_writer.ts", import.meta.url);

function openFile(directory: string, options: Partial<FileDriverOptions> = {}): Store {
  return createDriverStore("file", createFileDriver({ directory, maxBytes: 100 * MB, ...options }));
}

testStore("file", {
  async start() {
    const base = await Deno.makeTempDir();
    return {
      open: (place) => Promise.resolve(openFile(`${base}/${place}`)),
      // A file where the directory should be: nothing in it can be read or written.
      openDown: async () => {
        await Deno.writeTextFile(`${base}/file`, "");
        return openFile(`${base}/file/cache`);
      },
      atomic: true,
      lasts: true,
      expires: false,
      foreign: {
        async put(place) {
          await Deno.mkdir(`${base}/${place}/ab/cd`, { recursive: true });
          await Deno.writeTextFile(`${base}/${place}/ab/abcd`, "of another program");
        },
        kept: async (place) => (await Deno.stat(`${base}/${place}/ab/abcd`)).isFile,
      },
      stop: () => Deno.remove(base, { recursive: true }),
    };
  },
});

/** A test in an empty directory that is removed after it. */
function fileTest(name: string, run: (directory: string) => Promise<void>): void {
  Deno.test(`file store ${name}`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await run(directory);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

/** The keys of what a directory really holds, and the bytes of all files in it. */
async function readDisk(directory: string): Promise<{ bytes: number; temporary: number }> {
  let bytes = 0;
  let temporary = 0;
  for await (const folder of Deno.readDir(directory)) {
    for await (const file of Deno.readDir(`${directory}/${folder.name}`)) {
      bytes += (await Deno.stat(`${directory}/${folder.name}/${file.name}`)).size;
      if (folder.name === "tmp") temporary++;
    }
  }
  return { bytes, temporary };
}

fileTest(
  "holds 5 MB within 10 % under 100 MB of writing, the key in use kept",
  async (directory) => {
    const store = openFile(directory, { maxBytes: 5 * MB });
    const hot = await keyOf("hot");
    await store.set(hot, bytesOf(1, 20_000));
    let largest = 0;
    for (let round = 0; round < 100; round++) {
      await Promise.all(Array.from({ length: 50 }, async (_, i) => {
        await store.set(await keyOf(`${round} ${i}`), bytesOf(2, 10_000 + 400 * i));
      }));
      assert.ok(await store.get(hot), `the key in use was dropped in round ${round}`);
      if (round % 10 === 9) {
        const { bytes } = await readDisk(directory);
        largest = Math.max(largest, bytes);
        assert.ok(bytes > 4.5 * MB && bytes < 5.5 * MB, `${bytes} bytes in round ${round}`);
        assert.equal((await store.stats!()).bytes, bytes);
      }
    }
    assert.equal(await store.get(await keyOf("0 0")), undefined);
    assert.ok(await store.get(await keyOf("99 49")));
    await store.close();
    assert.deepEqual((await readDisk(directory)).temporary, 0);
  },
);

fileTest("settles within its bound when more than that is set at once", async (directory) => {
  const store = openFile(directory, { maxBytes: MB });
  await Promise.all(
    Array.from({ length: 60 }, async (_, i) => store.set(await keyOf(`${i}`), bytesOf(1, 50_000))),
  );
  assert.ok((await readDisk(directory)).bytes <= MB);
  await store.close();
});

fileTest("drops the least recently used also after being opened again", async (directory) => {
  const keys = await Promise.all(Array.from({ length: 20 }, (_, i) => keyOf(`${i}`)));
  const first = openFile(directory);
  for (const key of keys) await first.set(key, bytesOf(1, 10_000));
  await first.close();
  // As if written an hour ago, one minute apart, the last one first.
  for (const [i, key] of keys.entries()) {
    const time = Date.now() / 1000 - 3600 - i * 60;
    await Deno.utime(`${directory}/${nameOfKey(key)}`, time, time);
  }
  const used = openFile(directory);
  assert.ok(await used.get(keys[19]!));
  await used.close();

  const second = openFile(directory, { maxBytes: 205_000 });
  await second.stats!();
  await second.set(await keyOf("new"), bytesOf(1, 10_000));
  assert.equal(await second.get(keys[18]!), undefined);
  assert.ok(await second.get(keys[19]!), "used last before it was closed");
  assert.ok(await second.get(keys[0]!), "written last");
  await second.close();
});

fileTest("reduces a directory that holds more than the new bound", async (directory) => {
  const first = openFile(directory);
  for (let i = 0; i < 100; i++) await first.set(await keyOf(`${i}`), bytesOf(1, 10_000));
  await first.close();
  const second = openFile(directory, { maxBytes: 300_000 });
  await second.stats!();
  const { bytes } = await readDisk(directory);
  assert.ok(bytes > 250_000 && bytes <= 300_000, `${bytes}`);
  await second.close();
});

fileTest("counts a key once that is set, deleted or read while it is opened", async (directory) => {
  const keys = await Promise.all(Array.from({ length: 500 }, (_, i) => keyOf(`${i}`)));
  const first = openFile(directory);
  await Promise.all(keys.map((key) => first.set(key, bytesOf(1, 1_000))));
  await first.close();
  const second = openFile(directory);
  await Promise.all(
    keys.slice(0, 300).map((key, i) => {
      if (i % 3 === 0) return second.set(key, bytesOf(2, 500));
      return i % 3 === 1 ? second.delete(key) : second.get(key);
    }),
  );
  assert.deepEqual(await second.stats!(), { entries: 400, bytes: 350_000 });
  assert.equal((await readDisk(directory)).bytes, 350_000);
  await second.close();
});

fileTest("answers at once while it reads a directory of 5,000 entries", async (directory) => {
  const keys = await Promise.all(Array.from({ length: 5_000 }, (_, i) => keyOf(`${i}`)));
  for (const folder of new Set(keys.map((key) => key.slice(0, 2)))) {
    await Deno.mkdir(`${directory}/${folder}`);
  }
  for (const key of keys) Deno.writeFileSync(`${directory}/${nameOfKey(key)}`, bytesOf(1, 100));
  let ready = false;
  const store = openFile(directory, { onReady: () => ready = true });
  assert.ok(await store.get(keys[2_500]!));
  await store.set(await keyOf("new"), bytesOf(1, 100));
  assert.equal(ready, false, "the first answers waited for the whole directory");
  assert.deepEqual(await store.stats!(), { entries: 5_001, bytes: 500_100 });
  assert.equal(ready, true);
  await store.close();
});

fileTest("can be closed while it reads the directory", async (directory) => {
  const first = openFile(directory);
  await Promise.all(
    Array.from({ length: 300 }, async (_, i) => first.set(await keyOf(`${i}`), bytesOf(1, 10))),
  );
  await first.close();
  await openFile(directory).close();
});

fileTest("removes what a killed writer left unfinished", async (directory) => {
  await Deno.mkdir(`${directory}/tmp`);
  await Deno.writeFile(`${directory}/tmp/left`, bytesOf(1, 1000));
  const store = openFile(directory);
  assert.deepEqual(await store.stats!(), { entries: 0, bytes: 0 });
  await store.close();
  assert.deepEqual(await readDisk(directory), { bytes: 0, temporary: 0 });
});

fileTest("goes on when its directory is removed under it", async (directory) => {
  const store = openFile(`${directory}/cache`);
  const key = await keyOf("a");
  await store.set(key, bytesOf(1, 10));
  await Deno.remove(`${directory}/cache`, { recursive: true });
  assert.equal(await store.get(key), undefined);
  await store.set(key, bytesOf(2, 20));
  assert.equal((await store.get(key))?.length, 20);
  await store.close();
});

fileTest("does not keep a value larger than the bound, nor what it replaces", async (directory) => {
  const store = openFile(directory, { maxBytes: 1_000 });
  await store.set("a", bytesOf(1, 100));
  await store.set("a", bytesOf(2, 2_000));
  assert.equal(await store.get("a"), undefined);
  await store.close();
});

fileTest("rejects a write that fails, and keeps what it had", async (directory) => {
  const store = openFile(directory);
  const key = await keyOf("a");
  await store.set(key, bytesOf(1, 10));
  await Deno.remove(`${directory}/tmp`, { recursive: true });
  await Deno.writeTextFile(`${directory}/tmp`, "");
  await assert.rejects(store.set(key, bytesOf(2, 20)));
  assert.equal((await store.get(key))?.length, 10);
  assert.deepEqual(await store.stats!(), { entries: 1, bytes: 10 });
  await store.close();
});

fileTest(
  "holds nothing that reads wrong after kill -9 amid thousands of writes",
  async (directory) => {
    for (const writes of [1000, 1500]) {
      const child = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          `--allow-read=${directory}`,
          `--allow-write=${directory}`,
          WRITER.href,
          directory,
        ],
        stdout: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      for (let hundreds = 0; hundreds * 100 < writes;) {
        hundreds += (await reader.read()).value!.length;
      }
      child.kill("SIGKILL");
      await child.status;
      while (!(await reader.read()).done);
    }
    const store = openFile(directory);
    const { entries } = await store.stats!();
    let read = 0;
    for await (const key of store.keys!()) {
      const value = await store.get(key);
      assert.ok(value && value.length > 4, key);
      const length = new DataView(value.buffer).getUint32(0);
      assert.equal(value.length, length, key);
      assert.ok(value.subarray(4).every((byte) => byte === length % 251), key);
      read++;
    }
    assert.ok(entries > 500 && read === entries, `${read} of ${entries} entries`);
    await store.close();
    assert.equal((await readDisk(directory)).temporary, 0);
  },
);

fileTest("opens what is large, as it was, and gives what is small whole", async (directory) => {
  const store = openFile(directory);
  const key = await keyOf("a"), whole = 100_000;
  assert.equal(await store.open!(key, { whole }), undefined);
  await store.set(key, bytesOf(1, whole));
  assert.deepEqual(await store.open!(key, { whole }), bytesOf(1, whole));

  const large = bytesOf(2, 1_000_000);
  await store.set(key, large);
  const readers = await Promise.all([store.open!(key, { whole }), store.open!(key, { whole })]);
  await store.set(key, bytesOf(3, 2_000_000));
  await store.delete(key);
  for (const reader of readers) {
    assert.ok(reader && "size" in reader);
    assert.equal(reader.size, large.length);
    const pieces = [reader.beginning];
    for (let piece; (piece = await reader.read()) !== undefined;) pieces.push(piece);
    assert.ok(pieces[0]!.length >= 65_536 && pieces.length > 2);
    assert.ok(
      new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()).every((byte, at) =>
        byte === large[at]
      ),
    );
    reader.close();
    reader.close();
    assert.equal(await reader.read(), undefined);
  }
  assert.equal(await store.open!(key, { whole }), undefined);

  await store.set(key, large);
  const late = store.open!(key, { whole, signal: AbortSignal.abort(new Error("too late")) });
  await assert.rejects(late, /too late/);
  await store.close();
});

fileTest("may be let go of while it is read", async (directory) => {
  const store = openFile(directory);
  await store.set(await keyOf("a"), bytesOf(2, 1_000_000));
  const reader = await store.open!(await keyOf("a"), { whole: 1 });
  assert.ok(reader && "size" in reader);
  const reading = reader.read();
  reader.close();
  assert.ok((await reading)!.length > 0);
  await store.close();
});
