import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readHeader } from "../../src/image/formats/read_header.ts";
import { apngFile } from "../testing/apng_file.ts";
import { animation, letters, look, picture, startEngine } from "../testing/pictures.ts";
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

Deno.test("imageproxy transform lays over its files what the setting or a URL names", async () => {
  await using origin = startOrigin({ "/green.png": picture(["g"], { scale: 20 }) });
  await using folder = await folderOf({
    "a.png": SQUARE,
    "my logo.png": picture(["k"], { scale: 20 }),
    "damaged.png": SQUARE.slice(0, 60),
  });
  const url = Buffer.from(`${origin.url}/green.png`).toString("base64url");
  const options = `overlay:logo:nw,overlay2:${url}:se,png`;
  const { code, stderr } = await folder.run(
    ["transform", "-overlay", "logo=@my logo.png", options, "a.png", "-o", "b.png"],
  );
  assert.deepEqual([code, stderr], [0, ""]);
  const made = look(await Deno.readFile(`${folder.path}/b.png`));
  assert.deepEqual(letters(made, { scale: 20 }), ["kg", "bg"]);
  const rows: readonly (readonly [string, string, RegExp])[] = [
    ["logo=@a.png", "overlay:seal", /overlay: no -overlay gives the name seal/],
    ["logo=@none.png", "overlay:logo", /The overlay none\.png cannot be had: /],
    ["logo=@damaged.png", "overlay:logo", /a\.png: The overlay cannot be shown: /],
    ["logo", "overlay:logo", /-overlay must be name=picture/],
  ];
  for (const [setting, asked, says] of rows) {
    const { code, stderr } = await folder.run(
      ["transform", "-overlay", setting, `${asked},png`, "a.png", "-o", "c.png"],
    );
    assert.equal(code, 1, asked);
    assert.match(stderr, says);
  }
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

Deno.test("imageproxy transform makes one of many pictures of a name, and tells of each other", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `${index}/a.png`);
  await using folder = await folderOf(Object.fromEntries(names.map((name) => [name, SQUARE])));
  const { code, stderr } = await folder.run(["transform", "x", ...names, "-o", "out"]);
  assert.equal(code, 1);
  const told = stderr.trimEnd().split("\n");
  assert.equal(told.length, names.length - 1, stderr);
  for (const line of told) {
    assert.match(line, /a\.png: out\/a\.png was just made from \d+\/a\.png$/);
  }
});

Deno.test("imageproxy transform makes the format that the output's name says", async () => {
  await using folder = await folderOf({ "a.png": SQUARE, "b.jpg": TURNED });
  const rows: readonly (readonly [args: readonly string[], name: string, format: string])[] = [
    [["10x", "a.png", "-o", "a.webp"], "a.webp", "WEBP"],
    [["10x", "a.png", "-o", "b.jpeg"], "b.jpeg", "JPEG"],
    [["10x", "a.png", "-o", "c.TIF"], "c.TIF", "TIFF"],
    [["x", "a.png", "-o", "d.gif"], "d.gif", "GIF"],
    [["10x,auto", "a.png", "-o", "e.avif"], "e.avif", "AVIF"],
    [["10x,jpg", "a.png", "-o", "f.jpeg"], "f.jpeg", "JPEG"],
    [["10x,webp", "a.png", "-o", "g"], "g", "WEBP"],
    [["10x", "a.png", "-o", "h.bak"], "h.bak", "PNG"],
  ];
  for (const [args, name, format] of rows) {
    const { code, stderr } = await folder.run(["transform", ...args]);
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    assert.equal(look(await Deno.readFile(`${folder.path}/${name}`)).format, format, name);
  }
  // With nothing to do, and a name of its own format, an original is copied.
  await folder.run(["transform", "x", "b.jpg", "-o", "copy.jpeg"]);
  assert.deepEqual(await Deno.readFile(`${folder.path}/copy.jpeg`), TURNED);
  const refused: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["10x,png", "a.png", "-o", "no.webp"], /options say png, but the output's name says webp/],
    [["10x,png", "a.png", "-o", "no.bmp"], /options say png, but the output's name says bmp/],
    [["10x", "a.png", "-o", "no.bmp"], /What is made is image\/png: name the output \.png/],
    [["x", "a.png", "-o", "no.svg"], /What is made is image\/png: name the output \.png/],
  ];
  for (const [args, says] of refused) {
    const { code, stderr } = await folder.run(["transform", ...args]);
    assert.match(stderr, says);
    assert.equal(code, 1);
    assert.ok(![...Deno.readDirSync(folder.path)].some((file) => file.name.startsWith("no.")));
  }
});

Deno.test("imageproxy transform knows presets, the config file and every quality", async () => {
  const config = { presets: ["small=10x,jpeg"], jpegQuality: 20, maxPixels: 2000 };
  await using folder = await folderOf({
    "a.png": SQUARE,
    "c.json": JSON.stringify(config),
    "large.png": picture(["rgbyrgby", "bygrbygr"], { scale: 40 }),
  });
  const sizeOf = async (...args: string[]) => {
    const { bytes, code, stderr } = await folder.run(["transform", ...args, "-o", "-"]);
    assert.equal(code, 0, stderr);
    return { ...look(bytes), size: bytes.length };
  };
  const small = await sizeOf("preset:small", "a.png", "-presets", "small=10x,jpeg");
  assert.deepEqual([small.width, small.format], [10, "JPEG"]);
  const [low, high] = await Promise.all(
    ["20", "95"].map((quality) => sizeOf("jpeg", "large.png", "-jpegQuality", quality)),
  );
  assert.ok(low!.size < high!.size);
  for (const format of ["webp", "avif", "jxl"]) {
    const flag = `-${format}Quality`;
    const sizes = await Promise.all(
      ["10", "95"].map((quality) => sizeOf(format, "large.png", flag, quality, "-effort", "1")),
    );
    assert.notEqual(sizes[0]!.size, sizes[1]!.size, flag);
  }
  const configured = await sizeOf("preset:small", "a.png", "-config", "c.json");
  assert.ok(configured.size < small.size);
  const limited = await folder.run([
    "transform",
    "9x",
    "large.png",
    "-o",
    "-",
    "-config",
    "c.json",
  ]);
  assert.match(limited.stderr, /where 2000 is the limit/);
  const unknown = await folder.run(["transform", "preset:none", "a.png", "-o", "-"]);
  assert.match(unknown.stderr, /There is no preset "none"/);
});

Deno.test("imageproxy transform writes over none of its inputs, and refuses before it writes anything", async () => {
  await using folder = await folderOf({
    "in/a.png": SQUARE,
    "in/b.png": SQUARE,
    "in/c.jpg": TURNED,
    "other.png": SQUARE,
  });
  const { path } = folder;
  await Deno.symlink("in/a.png", `${path}/link.png`);
  await Deno.symlink("in", `${path}/same`);
  const rows: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["10x", "in/a.png", "-o", "in/a.png"], /in\/a\.png would overwrite the original in\/a\.png/],
    [["10x", "in/a.png", "-o", "link.png"], /link\.png would overwrite the original in\/a\.png/],
    [["10x", "link.png", "-o", "in/../in/a.png"], /would overwrite the original link\.png/],
    [["10x", "in", "-o", "in"], /in\/a\.png would overwrite the original in\/a\.png/],
    [["10x", "in", "-o", "same/"], /same\/b\.png would overwrite the original in\/b\.png/],
    [["10x,png", "in", "other.png", "-o", "in"], /in\/a\.png would overwrite/],
    // Not its own original, but another's.
    [
      ["10x,png", "same/c.jpg", "in/a.png", "other.png", "-o", "in"],
      /would overwrite the original in\/a\.png/,
    ],
  ];
  for (const [args, says] of rows) {
    const { code, stderr } = await folder.run(["transform", ...args]);
    assert.match(stderr, says, args.join(" "));
    assert.equal(code, 1);
    assert.deepEqual(
      [...Deno.readDirSync(`${path}/in`)].map(({ name }) => name).sort(),
      ["a.png", "b.png", "c.jpg"],
      args.join(" "),
    );
    for (const name of ["a", "b"]) {
      assert.deepEqual(await Deno.readFile(`${path}/in/${name}.png`), SQUARE, args.join(" "));
    }
  }
  // Beside the originals there is room for others.
  const { code, stderr } = await folder.run(["transform", "10x,webp", "in", "-o", "in"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal([...Deno.readDirSync(`${path}/in`)].length, 6);
});

Deno.test("imageproxy transform takes URLs, under the names that they have", async () => {
  await using origin = startOrigin({ "/a/photo%20one.jpg": TURNED, "/": SQUARE });
  await using folder = await folderOf({});
  const urls = [`${origin.url}/a/photo%20one.jpg?v=1`, `${origin.url}/`, `${origin.url}/none.png`];
  const { code, stderr } = await folder.run(["transform", "10x,png", ...urls, "-o", "out"]);
  assert.equal(code, 1);
  assert.match(stderr, /none\.png: The origin answered 404/);
  const made = [...Deno.readDirSync(`${folder.path}/out`)].map(({ name }) => name).sort();
  assert.deepEqual(made, ["image.png", "photo one.png"]);
});

Deno.test("imageproxy prints the names of files with their control characters escaped", async () => {
  const name = "a\x1b[2J\nb.png";
  await using folder = await folderOf({ [name]: SQUARE.slice(0, 60), "c\x07.png": SQUARE });
  const transformed = await folder.run(["transform", "10x", name, "-o", "x.png"]);
  assert.ok(transformed.stderr.startsWith("imageproxy: a\\u001b[2J\\nb.png: "), transformed.stderr);
  const { stdout, stderr } = await folder.run(["info", "c\x07.png", "no\tne.png"]);
  assert.ok(stdout.startsWith("c\\u0007.png\n"), stdout);
  assert.ok(stderr.startsWith("imageproxy: no\\tne.png: "), stderr);
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
    assert.equal(bars.filter((bar) => bar.length < 80).length, bars.length, shown);
    assert.match(bars.find((bar) => bar.startsWith("6/6"))!, /^6\/6, 1 failed █{24} in\/\w+\.png$/);
    assert.equal(bars.filter((bar) => bar.includes("in/torn.png")).length, 1);
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

Deno.test("imageproxy transform has an animated PNG move on into a file named .png or .apng", async () => {
  const parts = [{ rows: ["rg", "by"] }, { rows: ["yb", "gr"] }];
  const moving = apngFile({ width: 2, height: 2, scale: 8, parts });
  await using folder = await folderOf({ "in.png": moving, "moving.gif": MOVING });
  for (
    const [input, options, output, frames] of [
      ["in.png", "8x", "a.png", 2],
      ["in.png", "8x", "b.apng", 2],
      ["in.png", "8x,png", "c.png", 1],
      ["moving.gif", "", "d.apng", 2],
      ["moving.gif", "", "e.png", 1],
    ] as const
  ) {
    const { code, stderr } = await folder.run(["transform", options || "x", input, "-o", output]);
    assert.equal(code, 0, stderr);
    assert.equal(
      readHeader(await Deno.readFile(`${folder.path}/${output}`))!.frames,
      frames,
      output,
    );
  }
});
