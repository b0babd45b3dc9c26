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
    const folder = await Deno.makeTempDir({ prefix: "imageproxy-root-" });
    try {
      await Deno.chmod(folder, 0o755);
      await makeContainerRoot(IMAGE, { folder, binary: COMPILED.command[0]! });
      await Deno.mkdir(`${folder}/proc`);
      await using origin = startOrigin({ "/a.jpg": bytes });
      const env = { ...IMAGE.env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
      await using program = await startProgram({
        command: enter(folder, IMAGE.entrypoint),
        env,
      }, { args: ["-allowHosts", "127.0.0.1"] });
      const response = await fetch(`${program.url}/20x,r90,png/${origin.url}/a.jpg`);
      const result = new Uint8Array(await response.arrayBuffer());
      assert.equal(response.status, 200, new TextDecoder().decode(result.subarray(0, 200)));
      assert.equal(letters(look(result), { scale: 10 }).join("/"), "gy/rb");
      const healthcheck = {
        command: enter(folder, IMAGE.healthcheck),
        env: { ...env, IMAGEPROXY_ADDR: new URL(program.url).host },
      };
      const { code, stderr } = await runProgram(healthcheck);
      assert.equal(`${code} ${stderr}`, "0 ");
      assert.equal(await program.stop("SIGTERM"), 0, program.output());
      assert.equal((await runProgram(healthcheck)).code, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A command in the folder as its root, as the image's user, with /proc in a mount space of its own. */
function enter(folder: string, command: readonly string[]): string[] {
  const script = 'mount -t proc proc "$1/proc" && user=$2 && root=$1 && shift 2 && ' +
    'exec chroot --userspec="$user" "$root" "$@"';
  return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh", folder, IMAGE.user].concat(
    command,
  );
}
