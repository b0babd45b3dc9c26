import assert from "node:assert/strict";
import { animation, look, picture, startEngine } from "../testing/pictures.ts";
import { findCommand } from "../testing/command.ts";
import { SOURCE } from "../testing/program.ts";
import { startOrigin } from "../testing/proxy.ts";
import { type Output, run } from "../testing/server_process.ts";

await startEngine();
const SQUARE = picture(["rg", "by"], { scale: 20 });
const TURNED = picture(["rgb"], { scale: 8, format: "JPEG", orientation: 6 });
const MOVING = animation([{ rows: ["r"], delay: 10 }, { rows: ["g"], delay: 20 }], {
  format: "GIF",
  scale: 4,
});

interface Folder extends AsyncDisposable {
  path: string;
  run(args: readonly string[], stdin?: Uint8Array<ArrayBuffer>): Promise<Output>;
}

/** A folder with pictures in it, and the program run there with the right to write there. */
async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "imageproxy-" });
  for (const [name, content] of Object.entries(files)) {
    if (name.includes("/")) {
      await Deno.mkdir(`${path}/${name.replace(/\/[^/]*$/, "")}`, { recursive: true });
    }
    await Deno.writeFile(
      `${path}/${name}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  return {
    path,
    run: (args, stdin) =>
      run(args, { cwd: path, allow: [`--allow-write=${path}`], ...(stdin ? { stdin } : {}) }),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

Deno.test("imageproxy transform makes the files of folders, each under its own name", async () => {
  await using folder = await folderOf({
    "in/a.png": SQUARE,
    "in/b.jpeg": TURNED,
    "in/notes.txt": "no image",
    "c.png": SQUARE,
  });
  const { code, stderr } = await folder.run(["transform", "10x,webp", "in", "c.png", "-o", "out"]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const made = [...Deno.readDirSync(`${folder.path}/out`)].map(({ name }) => name).sort();
  assert.deepEqual(made, ["a.webp", "b.webp", "c.webp"]);
  const a = look(await Deno.readFile(`${folder.path}/out/a.webp`));
  assert.deepEqual([a.format, a.width, a.height], ["WEBP", 10, 10]);
});

Deno.test("imageproxy transform reads stdin and writes stdout", async () => {
  await using folder = await folderOf({});
  const { code, bytes } = await folder.run(["transform", "10x,png", "-"], SQUARE);
  assert.equal(code, 0);
  assert.deepEqual([look(bytes).format, look(bytes).width], ["PNG", 10]);
});

Deno.test("imageproxy transform does what it can and tells what it cannot", async () => {
  await using folder = await folderOf({
    "a.png": SQUARE,
    "b/a.png": SQUARE,
    "damaged.png": SQUARE.slice(0, 60),
    "text.png": "no image",
  });
  const rows: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["10x", "a.png", "damaged.png", "-o", "out"], /^imageproxy: damaged\.png: .+$/],
    [["10x", "a.png", "text.png", "-o", "out"], /text\.png: The bytes are not an image/],
    [["10x", "a.png", "none.png", "-o", "out"], /none\.png: there is no such file/],
    [["10x", "a.png", "b/a.png", "-o", "out"], /out\/a\.png was just made from/],
    [["r45", "a.png", "-o", "x.png"], /Cannot parse option "r45": rotate takes/],
    [["10x", "a.png"], /transform needs -o/],
    [["10x"], /transform needs a file/],
    [[], /transform needs options/],
    [["10x", "a.png", "-o", "a.png"], /would overwrite the original/],
    [["10x", "a.png", "b/a.png", "-o", "-"], /cannot all go to stdout/],
    [["10x", "a.png", "-o", "x.png", "-maxPixels", "10"], /where 10 is the limit/],
  ];
  for (const [args, says] of rows) {
    const { code, stderr } = await folder.run(["transform", ...args]);
    assert.match(stderr.trimEnd(), says, args.join(" "));
    assert.equal(code, 1);
  }
  assert.equal(look(await Deno.readFile(`${folder.path}/out/a.png`)).width, 10);
  assert.deepEqual(await Deno.readFile(`${folder.path}/a.png`), SQUARE);
  const left = [...Deno.readDirSync(folder.path)].filter(({ name }) => name.endsWith(".part"));
  assert.deepEqual(left, []);
});

const script = findCommand("script");

Deno.test({
  name: "imageproxy transform shows on a terminal how far it is, and leaves only its errors there" +
    (script ? "" : " (skipped: script is not installed)"),
  ignore: !script,
  async fn() {
    const pictures = Array.from({ length: 5 }, (_, index) => [`in/${index}.png`, SQUARE] as const);
    await using folder = await folderOf({
      ...Object.fromEntries(pictures),
      // A header that promises what does not come.
      "in/torn.png": SQUARE.slice(0, 60),
    });
    const command = [...SOURCE.command, "transform", "10x", "in", "-o", "out"];
    command.splice(2, 0, `--allow-write=${folder.path}`);
    const { code, stdout } = await new Deno.Command(script!, {
      args: ["-qec", command.map((word) => `'${word}'`).join(" "), "/dev/null"],
      cwd: folder.path,
      stdin: "null",
      stdout: "piped",
    }).output();
    const shown = new TextDecoder().decode(stdout);
    assert.equal(code, 1, shown);
    const [errors, ...bars] = shown.split("\r\x1b[K").reverse();
    assert.match(errors!, /^imageproxy: in\/torn\.png: [^\r]+\r\n$/);
    assert.equal(bars.filter((bar) => /^█*░*$/.test(bar)).length, bars.length, shown);
    assert.match(bars[0]!, /^█+$/);
    assert.equal([...Deno.readDirSync(`${folder.path}/out`)].length, 5);
  },
});

Deno.test("imageproxy info tells what the header says of files and URLs", async () => {
  await using origin = startOrigin({ "/turned.jpg": TURNED });
  await using folder = await folderOf({ "moving.gif": MOVING });
  const { code, stdout } = await folder.run([
    "info",
    "-json",
    "moving.gif",
    `${origin.url}/turned.jpg`,
  ]);
  assert.equal(code, 0);
  const [moving, turned] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(moving.name, "moving.gif");
  assert.deepEqual(
    [moving.format, moving.width, moving.frames, moving.animated, moving.durationMs],
    ["gif", 4, 2, true, 300],
  );
  assert.deepEqual(
    [turned.format, turned.width, turned.height, turned.orientation, turned.bytes],
    ["jpeg", 8, 24, 6, TURNED.length],
  );
  const text = await folder.run(["info", "moving.gif"]);
  assert.match(text.stdout, /frames +2, animated, 0\.3 s, plays forever/);
  const missing = await folder.run(["info", "none.gif", "moving.gif"]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /none\.gif: No such file/);
  assert.match(missing.stdout, /size +4x4/);
});
