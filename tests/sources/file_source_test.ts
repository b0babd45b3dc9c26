import assert from "node:assert/strict";
import { readWhole } from "../../src/http/origin/arriving_body.ts";
import { createFileSource } from "../../src/sources/file_source.ts";
import type { Source } from "../../src/sources/source.ts";
import { findCommand } from "../testing/command.ts";
import { inTime } from "../testing/eventually.ts";
import { fails, UNSIGNED } from "../testing/fetching.ts";
import { testSource } from "../testing/source_suite.ts";

testSource("file", {
  async start() {
    const base = await Deno.makeTempDir();
    // Files keep their time to the millisecond: what is put later must not have the same.
    let time = Date.now() - 1_000_000;
    return {
      locate: (place) => `file:${base}/${place}`,
      async put(place, { name, bytes }) {
        const path = `${base}/${place}/${name}`;
        await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
        await Deno.writeFile(path, bytes);
        time += 1000;
        await Deno.utime(path, new Date(time), new Date(time));
      },
      refusing: [[`file:${base}/nowhere`, /nowhere.*(?:No such file|os error 2)/]],
      keepsCacheControl: false,
      stop: () => Deno.remove(base, { recursive: true }),
    };
  },
});

/** A folder with a file beside it, and a source that serves it. */
async function withFolder(
  run: (it: { folder: string; outside: string; source: Source }) => Promise<void>,
): Promise<void> {
  const outside = await Deno.makeTempDir();
  const folder = `${outside}/pictures`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${outside}/secret.txt`, "secret");
  const source = createFileSource({
    folder,
    limits: { totalTimeout: 500, requestsPerHost: 1 },
    now: Date.now,
  });
  try {
    await run({ folder, outside, source });
  } finally {
    await source.close();
    await Deno.remove(outside, { recursive: true });
  }
}

async function statusOf(source: Source, name: string): Promise<number> {
  const { status, body } = await source.open({ name, target: name }, UNSIGNED);
  await body.cancel();
  return status;
}

Deno.test("a file source follows links within its folder, and none that lead out of it", async () => {
  await withFolder(async ({ folder, outside, source }) => {
    await Deno.mkdir(`${folder}/in`);
    await Deno.writeTextFile(`${folder}/in/a.txt`, "a");
    await Deno.writeTextFile(`${outside}/pictures-2.txt`, "secret");
    const links = [
      ["in/a.txt", "inside.txt", 200],
      [`${folder}/in`, "inside-folder", 200],
      [`${outside}/secret.txt`, "out.txt", 404],
      ["../secret.txt", "out-relative.txt", 404],
      [outside, "out-folder", 404],
      ["..", "parent", 404],
      ["/etc", "etc", 404],
      [`${folder}-2.txt`, "sibling.txt", 404],
      ["loop", "loop", 404],
      ["nowhere", "broken", 404],
    ] as const;
    for (const [target, name] of links) await Deno.symlink(target, `${folder}/${name}`);
    for (const [, name, status] of links) {
      const file = name.includes(".") || !name.includes("-folder") ? name : `${name}/a.txt`;
      assert.equal(await statusOf(source, file), status, name);
    }
    for (const name of ["out-folder/secret.txt", "parent/secret.txt", "etc/passwd"]) {
      assert.equal(await statusOf(source, name), 404, name);
    }
  });
});

Deno.test("a file source reads plain files only", async () => {
  await withFolder(async ({ folder, source }) => {
    await Deno.mkdir(`${folder}/folder`);
    const socket = Deno.listen({ transport: "unix", path: `${folder}/socket` });
    await Deno.symlink("/dev/zero", `${folder}/zero`);
    await Deno.symlink("/proc/self/environ", `${folder}/environ`);
    for (const name of ["folder", "socket", "zero", "environ"]) {
      assert.equal(await inTime(statusOf(source, name)), 404, name);
    }
    socket.close();
  });
});

// Only the superuser can make a device; for all others there is none.
const SPECIAL = [
  { what: "FIFO", command: "mkfifo", args: [] },
  { what: "device", command: "mknod", args: ["c", "1", "5"] },
];
for (const { what, command, args } of SPECIAL) {
  const path = findCommand(command);
  Deno.test({
    name: `a file source waits for no ${what}${path ? "" : ` (skipped: no ${command})`}`,
    ignore: !path,
    async fn() {
      await withFolder(async ({ folder, source }) => {
        await new Deno.Command(path!, { args: [`${folder}/it`, ...args] }).output();
        assert.equal(await inTime(statusOf(source, "it")), 404);
      });
    },
  });
}

Deno.test("a file source answers 304 to who has the file, and 200 once it is another", async () => {
  await withFolder(async ({ folder, source }) => {
    const path = `${folder}/a.txt`;
    await Deno.writeTextFile(path, "one");
    const picture = { name: "a.txt", target: "a.txt" };
    const ask = async (headers: HeadersInit) => {
      const { body, ...answer } = await source.open(picture, { ...UNSIGNED, headers });
      return { ...answer, body: new TextDecoder().decode(await readWhole(body)) };
    };
    const { headers } = await ask({});
    const held = { "if-none-match": headers.etag! };
    assert.equal((await ask(held)).status, 304);
    assert.equal((await ask({ "if-modified-since": headers["last-modified"]! })).status, 304);
    // Another file of the same size and time in its place.
    const { mtime, atime } = await Deno.stat(path);
    await Deno.writeTextFile(`${path}.new`, "two");
    await Deno.rename(`${path}.new`, path);
    await Deno.utime(path, atime!, mtime!);
    const changed = await ask(held);
    assert.equal(changed.status, 200);
    assert.equal(changed.body, "two");
  });
});

Deno.test("a file source reads no file for longer than it may, and gives its place back", async () => {
  await withFolder(async ({ folder, source }) => {
    await Deno.writeFile(`${folder}/large`, new Uint8Array(400_000));
    const picture = { name: "large", target: "large" };
    const { body } = await source.open(picture, UNSIGNED);
    const reader = body.getReader();
    await reader.read();
    // Nobody reads on, and only one may read at a time.
    await assert.rejects(source.open(picture, UNSIGNED), fails("timeout", /took too long/));
    await assert.rejects(reader.read().then(() => reader.read()), fails("timeout", /too long/));
    assert.equal(await statusOf(source, "large"), 200);
  });
});

Deno.test("a file source ends what is under way when it is closed", async () => {
  await withFolder(async ({ folder, source }) => {
    await Deno.writeFile(`${folder}/large`, new Uint8Array(400_000));
    const { body } = await source.open({ name: "large", target: "large" }, UNSIGNED);
    await source.close();
    await assert.rejects(readWhole(body), fails("busy", /shutting down/));
  });
});

Deno.test({
  name: "a file source cannot read what its user may not, and says so to the operator alone",
  ignore: Deno.uid() === 0,
  async fn() {
    await withFolder(async ({ folder, source }) => {
      await Deno.writeTextFile(`${folder}/a.txt`, "a");
      await Deno.chmod(`${folder}/a.txt`, 0);
      await assert.rejects(
        statusOf(source, "a.txt"),
        fails("bad_origin", "The source of the picture cannot be read"),
      );
    });
  },
});
