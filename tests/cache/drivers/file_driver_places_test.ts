import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import { nameOfKey } from "../../../src/cache/drivers/entry_name.ts";
import {
  createFileDriver,
  type FileDriverOptions,
} from "../../../src/cache/drivers/file_driver.ts";
import type { Store } from "../../../src/cache/drivers/store.ts";
import { findCommand } from "../../testing/command.ts";
import { mountTmpfs, noMount } from "../../testing/small_disk.ts";
import { bytesOf, keyOf } from "../../testing/store_suite.ts";

const MB = 1_000_000;

function openFile(directory: string, options: Partial<FileDriverOptions> = {}): Store {
  return createDriverStore("file", createFileDriver({ directory, maxBytes: 100 * MB, ...options }));
}

/** A test on a disk of its own, skipped where none can be had. */
function diskTest(name: string, options: string, run: Parameters<typeof withDisk>[1]): void {
  Deno.test({
    name: `file store ${name}${noMount ? ` (skipped: ${noMount})` : ""}`,
    ignore: noMount !== undefined,
    fn: () => withDisk(options, run),
  });
}

async function withDisk(
  options: string,
  run: (disk: Awaited<ReturnType<typeof mountTmpfs>>) => Promise<void>,
): Promise<void> {
  await using disk = await mountTmpfs(options);
  await run(disk);
}

diskTest("makes room on a full disk, the key in use kept", "size=2m", async ({ path }) => {
  const told: unknown[] = [];
  const store = openFile(path, { onFull: (error) => told.push(error) });
  const hot = await keyOf("hot");
  await store.set(hot, bytesOf(1, 20_000));
  for (let i = 0; i < 200; i++) {
    await store.set(await keyOf(`${i}`), bytesOf(2, 30_000));
    assert.ok(await store.get(hot), `the key in use was dropped for number ${i}`);
    assert.ok(await store.get(await keyOf(`${i}`)), `number ${i} was not kept`);
  }
  assert.equal(await store.get(await keyOf("0")), undefined);
  const { bytes } = await store.stats!();
  assert.ok(bytes > 1.5 * MB && bytes < 2.1 * MB, `${bytes} bytes`);
  // Larger than all that is freed at first.
  await store.set(await keyOf("large"), bytesOf(3, 1_500_000));
  assert.equal((await store.get(await keyOf("large")))?.length, 1_500_000);
  assert.equal(told.length, 1);
  await store.close();
});

diskTest("makes room where a disk has no names left", "nr_inodes=300", async ({ path }) => {
  const store = openFile(path);
  for (let i = 0; i < 600; i++) await store.set(await keyOf(`${i}`), bytesOf(2, 10));
  assert.ok(await store.get(await keyOf("599")));
  await store.close();
});

diskTest("makes room by the order of use of before it was opened", "size=1m", async ({ path }) => {
  const first = openFile(path);
  for (let i = 0; i < 30; i++) await first.set(await keyOf(`${i}`), bytesOf(1, 30_000));
  await first.close();
  for (let i = 0; i < 30; i++) {
    const time = Date.now() / 1000 - 3600 + 60 * i;
    await Deno.utime(`${path}/${nameOfKey(await keyOf(`${i}`))}`, time, time);
  }
  const second = openFile(path);
  for (let i = 30; i < 35; i++) await second.set(await keyOf(`${i}`), bytesOf(1, 30_000));
  assert.equal(await second.get(await keyOf("0")), undefined);
  for (const i of [29, 34]) assert.ok(await second.get(await keyOf(`${i}`)), `${i}`);
  await second.close();
});

diskTest("empties nothing for a disk that others have filled", "size=1m", async ({ path }) => {
  const store = openFile(`${path}/cache`);
  for (let i = 0; i < 3; i++) await store.set(await keyOf(`${i}`), bytesOf(1, 1000));
  await Deno.writeFile(`${path}/other`, bytesOf(0, 1 << 20)).catch(() => {});
  await assert.rejects(store.set(await keyOf("large"), bytesOf(1, 500_000)), /No space/);
  await store.close();
});

diskTest(
  "says at the start that it cannot write, where it is asked to",
  "size=1m",
  async (disk) => {
    await Deno.mkdir(`${disk.path}/cache`);
    await disk.remount("ro");
    for (const directory of [disk.path, `${disk.path}/cache`, `${disk.path}/new`]) {
      const told = Promise.withResolvers<unknown>();
      const store = openFile(directory, { onUnwritable: told.resolve });
      assert.match(String(await told.promise), /Read-only/);
      await store.close();
    }
    await disk.remount("rw");
    const told: unknown[] = [];
    const store = openFile(disk.path, { onUnwritable: (error) => told.push(error) });
    await store.stats!();
    await store.close();
    assert.deepEqual(told, []);
  },
);

const mkfifo = findCommand("mkfifo");

const FOREIGN: readonly (readonly [name: string, put: (path: string) => Promise<unknown>])[] = [
  ["a directory", (path) => Deno.mkdir(`${path}/inner/most`, { recursive: true })],
  ["a FIFO", (path) => new Deno.Command(mkfifo!, { args: [path] }).output()],
  ["a link to a file", (path) => Deno.symlink("/proc/self/status", path)],
  ["a link to nothing", (path) => Deno.symlink("/nowhere", path)],
  ["a link to a device without end", (path) => Deno.symlink("/dev/zero", path)],
];

for (const [name, put] of FOREIGN) {
  const isLacking = name === "a FIFO" && !mkfifo;
  for (const isKnown of [true, false]) {
    Deno.test({
      name: `file store removes ${name} in the place of an entry ${
        isKnown ? "that it knows" : "that it does not know"
      }${isLacking ? " (skipped: no mkfifo)" : ""}`,
      ignore: isLacking || Deno.build.os === "windows",
      async fn() {
        const directory = await Deno.makeTempDir();
        const key = await keyOf("a");
        const path = `${directory}/${nameOfKey(key)}`;
        const store = openFile(directory);
        await store.set(key, bytesOf(1, 100));
        if (!isKnown) await store.delete(key);
        else await Deno.remove(path);
        await put(path);
        for (const read of [store.get(key), store.open!(key, { whole: 10 })]) {
          assert.equal(await read, undefined);
        }
        await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
        assert.equal((await store.stats!()).entries, 0);

        await put(path);
        await store.set(key, bytesOf(2, 100));
        assert.equal((await store.get(key))?.length, 100);
        await Deno.remove(path);
        await put(path);
        await store.delete(key);
        await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
        await store.close();
        await Deno.remove(directory, { recursive: true });
      },
    });
  }
}

Deno.test("file store puts a folder in the place of a file of its name", async () => {
  const directory = await Deno.makeTempDir();
  const key = await keyOf("a");
  await Deno.writeTextFile(`${directory}/${nameOfKey(key).slice(0, 2)}`, "");
  const store = openFile(directory);
  assert.equal(await store.get(key), undefined);
  await store.delete(key);
  await store.set(key, bytesOf(1, 100));
  assert.equal((await store.get(key))?.length, 100);
  await store.close();
  await Deno.remove(directory, { recursive: true });
});
