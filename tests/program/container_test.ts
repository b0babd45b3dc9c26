import assert from "node:assert/strict";
import { GIVE_MEMORY_BACK } from "../../src/image/engine/engine_process.ts";
import { makeContainerRoot, parseImage } from "../../scripts/container_root.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { COMPILED, runProgram, startProgram } from "../testing/program.ts";
import { startOrigin } from "../testing/proxy.ts";

const IMAGE = parseImage(await Deno.readTextFile(new URL("../../Dockerfile", import.meta.url)));
const skipped = COMPILED.skipped ??
  (Deno.build.os === "linux" && Deno.uid() === 0 ? undefined : "chroot takes root on Linux");
const name = skipped ? ` (skipped: ${skipped})` : "";

Deno.test("the image runs as nobody, listens on every address, gives memory back and checks its own health", () => {
  assert.match(IMAGE.user, /^[1-9]\d+:[1-9]\d+$/);
  assert.deepEqual(IMAGE.env, { IMAGEPROXY_ADDR: "0.0.0.0:8080", ...GIVE_MEMORY_BACK });
  assert.deepEqual(IMAGE.healthcheck, ["/imageproxy", "healthcheck"]);
  const volume = IMAGE.copies.find(({ to }) => to === "/var/cache/imageproxy");
  assert.equal(volume?.owner, IMAGE.user);
});

Deno.test({
  name: `the image holds exactly the libraries that the program links${name}`,
  ignore: skipped !== undefined,
  async fn() {
    const { stdout } = await runProgram({
      command: ["/usr/bin/ldd", ...COMPILED.command],
      env: {},
    });
    const linked = [...stdout.matchAll(/^\s+(?:\/\S*\/)?([\w.-]+\.so[.\d]*)/gm)]
      .map(([, library]) => library!).filter((library) => !library.startsWith("linux-vdso"));
    const held = IMAGE.copies.flatMap(({ from }) => from)
      .filter((path) => path.startsWith("/lib/")).map((path) => path.split("/").at(-1)!);
    const patterns = [...new Set(held)].map((path) =>
      new RegExp(`^${path.replaceAll(".", "\\.").replaceAll("*", ".*")}$`)
    );
    for (const library of linked) {
      assert.ok(patterns.some((pattern) => pattern.test(library)), `${library} is missing`);
    }
    assert.equal(patterns.length, linked.length);
  },
});

Deno.test({
  name:
    `the program serves and checks its health in the image's root folder alone, and stops on SIGTERM${name}`,
  ignore: skipped !== undefined,
  async fn() {
    await startEngine();
    const bytes = picture(["rg", "by"], { scale: 20, format: "JPEG" });
    await using root = await makeRoot();
    await using origin = startOrigin({ "/a.jpg": bytes });
    await using program = await startProgram({
      command: enter(root.folder, IMAGE.entrypoint),
      env: ENV,
    }, { args: ["-allowHosts", "127.0.0.1"] });
    const response = await fetch(`${program.url}/20x,r90,png/${origin.url}/a.jpg`);
    const result = new Uint8Array(await response.arrayBuffer());
    assert.equal(response.status, 200, new TextDecoder().decode(result.subarray(0, 200)));
    assert.equal(letters(look(result), { scale: 10 }).join("/"), "gy/rb");
    const healthcheck = {
      command: enter(root.folder, IMAGE.healthcheck),
      env: { ...ENV, IMAGEPROXY_ADDR: new URL(program.url).host },
    };
    const { code, stderr } = await runProgram(healthcheck);
    assert.equal(`${code} ${stderr}`, "0 ");
    assert.equal(await program.stop("SIGTERM"), 0, program.output());
    assert.equal((await runProgram(healthcheck)).code, 1);
  },
});

Deno.test({
  name:
    `the container of the README answers signed URLs out of its root folder, with metrics and a cache${name}`,
  ignore: skipped !== undefined,
  async fn() {
    const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const words = /^docker run (.*)$/m.exec(readme)![1]!.match(/"[^"]*"|\S+/g)!
      .map((word) => word.replaceAll('"', ""));
    const args = words.slice(words.indexOf("imageproxy") + 1);
    const mounts = words.flatMap((word, at) => words[at - 1] === "--volume" ? [word] : [])
      .filter((mount) => mount.startsWith("$PWD/")).map((mount) => mount.split(":"));
    assert.ok(args.length >= 10);
    await using root = await makeRoot();
    for (const [from, to] of mounts) {
      if (from === "$PWD/key") await Deno.writeTextFile(root.folder + to!, "a key of some length");
      else await copyFolder(from!.replace("$PWD", "."), root.folder + to!);
    }
    await using program = await startProgram(
      { command: enter(root.folder, IMAGE.entrypoint), env: ENV },
      { args: args.map((word) => word.replace(":9090", ":0")) },
    );
    const url = `${program.url}/200x,webp/photos:photo.jpg`;
    const unsigned = await fetch(url);
    await unsigned.body?.cancel();
    assert.equal(unsigned.status, 403);
    const signer = [...COMPILED.command, "sign", "-key", `@${root.folder}/key`];
    const { stdout } = await runProgram(
      { command: signer, env: {} },
      { args: ["-source", "photos=file:/pictures", url] },
    );
    const signed = await fetch(stdout.trim());
    const bytes = await signed.bytes();
    assert.equal(signed.status, 200, program.output());
    assert.equal(signed.headers.get("content-type"), "image/webp");
    await startEngine();
    assert.equal(look(bytes).width, 200);
    const [, port] = /on http:\/\/0\.0\.0\.0:(\d+)/.exec(program.output())!;
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    assert.match(metrics, /^imageproxy_cache_tier_entries\{tier="[^"]*file[^"]*"\}/m);
  },
});

const ENV = { ...IMAGE.env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/** What the image would hold. */
async function makeRoot(): Promise<AsyncDisposable & { folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-root-" });
  const remove = () => Deno.remove(folder, { recursive: true });
  try {
    await Deno.chmod(folder, 0o755);
    await makeContainerRoot(IMAGE, { folder, binary: COMPILED.command[0]! });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, [Symbol.asyncDispose]: remove };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** A command in the folder as its root, as the image's user, with /proc in a mount space of its own. */
function enter(folder: string, command: readonly string[]): string[] {
  const script = 'mount -t proc proc "$1/proc" && user=$2 && root=$1 && shift 2 && ' +
    'exec chroot --userspec="$user" "$root" "$@"';
  return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh", folder, IMAGE.user].concat(
    command,
  );
}
