import assert from "node:assert/strict";
import { FONT_LIMITS, readFontFolder } from "../../src/settings/font_folder.ts";
import { boldHebrew, fontFolder } from "../testing/fonts.ts";

const FONT = await boldHebrew();

Deno.test("readFontFolder() finds the fonts of a folder by their files' names", async () => {
  await using folder = await fontFolder({
    "Brand-Bold.ttf": FONT,
    "Open Sans[wdth,wght].TTF": FONT,
    "été.otf": FONT,
    ".hidden.ttf": new Uint8Array(3),
    "README.txt": new Uint8Array(3),
    "web.woff2": new Uint8Array(3),
  });
  await Deno.mkdir(`${folder.path}/more.ttf`);
  const { files, digest } = await readFontFolder(folder.path, Deno);
  assert.deepEqual(files.map(({ name }) => name), ["Brand-Bold", "Open-Sans-wdth-wght", "été"]);
  assert.equal(files[0]!.path, `${folder.path}/Brand-Bold.ttf`);
  assert.equal((await readFontFolder(`${folder.path}/`, Deno)).digest, digest);
  await Deno.rename(`${folder.path}/été.otf`, `${folder.path}/autre.otf`);
  assert.notEqual((await readFontFolder(folder.path, Deno)).digest, digest);
  assert.deepEqual(await readFontFolder("", Deno), { files: [], digest: "" });
});

Deno.test("readFontFolder() says in a sentence what is wrong, naming the file", async () => {
  const rows: readonly (readonly [files: Record<string, Uint8Array>, says: RegExp])[] = [
    [{}, /holds no TrueType or OpenType font$/],
    [{ "a.txt": FONT }, /holds no TrueType or OpenType font$/],
    [{ "a.ttf": FONT, "a.otf": FONT }, /holds two fonts of the name a$/],
    [{ "a.ttf": FONT, "b.ttf": FONT.subarray(0, 5000) }, /b\.ttf is cut short or damaged$/],
    [{ "a.ttf": new Uint8Array() }, /a\.ttf is cut short or damaged$/],
    [{ "a.ttf": new TextEncoder().encode("<svg/>".repeat(9)) }, /a\.ttf is no TrueType or/],
  ];
  for (const [files, says] of rows) {
    await using folder = await fontFolder(files);
    await assert.rejects(readFontFolder(folder.path, Deno), (error: Error) => {
      assert.ok(error.message.startsWith(`-fontDir cannot be ${folder.path}: `), error.message);
      assert.match(error.message, says);
      return true;
    });
  }
  await assert.rejects(
    readFontFolder("/nowhere/at/all", Deno),
    /^Error: -fontDir cannot be \/nowhere/,
  );
});

Deno.test({
  name: "readFontFolder() follows links to files, and begins to read nothing that is none",
  ignore: Deno.build.os === "windows",
  async fn() {
    const rows = [
      ["/dev/zero", /a\.ttf is no plain file$/],
      ["/dev", /a\.ttf is no plain file$/],
      ["nowhere", /a\.ttf'$/],
    ] as const;
    for (const [target, says] of rows) {
      await using folder = await fontFolder({ "b.ttf": FONT });
      await Deno.symlink(target, `${folder.path}/a.ttf`);
      const read = readFontFolder(folder.path, {
        ...Deno,
        readFile: (path) => target === "/dev/zero" ? Promise.reject("read") : Deno.readFile(path),
      });
      await assert.rejects(read, says);
    }
    await using folder = await fontFolder({ "b.ttf": FONT });
    await Deno.symlink("b.ttf", `${folder.path}/a.ttf`);
    const { files } = await readFontFolder(folder.path, Deno);
    assert.deepEqual(files.map(({ name }) => name), ["a", "b"]);
  },
});

Deno.test("readFontFolder() takes only so many fonts, of so many bytes, and reads none that is larger", async () => {
  const sized = (sizes: readonly number[]) => ({
    async *readDir() {
      await Promise.resolve();
      for (const at of sizes.keys()) {
        yield { name: `${at}.ttf`, isDirectory: false, isFile: true, isSymlink: false };
      }
    },
    stat: (path: string | URL) => {
      const at = Number(/(\d+)\.ttf$/.exec(String(path))![1]);
      return Promise.resolve({ size: sizes[at]!, isFile: true } as Deno.FileInfo);
    },
    readFile: (_path: string | URL) => Promise.resolve(FONT),
  });
  const { files, fileBytes, allBytes } = FONT_LIMITS;
  const rows: readonly (readonly [sizes: readonly number[], says: RegExp | undefined])[] = [
    [Array.from({ length: files }, () => 1), undefined],
    [Array.from({ length: files + 1 }, () => 1), /holds more than 200 fonts/],
    [[fileBytes], undefined],
    [[1, fileBytes + 1], /1\.ttf has more than 32 MB/],
    [Array.from({ length: 4 }, () => allBytes / 4), undefined],
    [[1, ...Array.from({ length: 4 }, () => allBytes / 4)], /all have more than 128 MB/],
  ];
  for (const [sizes, says] of rows) {
    const found = readFontFolder("fonts", sized(sizes));
    if (says) await assert.rejects(found, says);
    else assert.equal((await found).files.length, sizes.length);
  }
});
