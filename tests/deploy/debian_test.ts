import assert from "node:assert/strict";
import { makeDebianPackage } from "../../scripts/debian_package.ts";
import { findCommand } from "../testing/command.ts";
import { exists } from "../testing/files.ts";
import { COMPILED, runProgram } from "../testing/program.ts";

const dpkg = findCommand("dpkg") && findCommand("dpkg-deb");
const reason = COMPILED.skipped ?? (dpkg ? undefined : "no dpkg") ??
  (Deno.build.arch === "x86_64" ? undefined : "another processor");

Deno.test({
  name:
    `the Debian package installs the program with all that belongs to it, and goes without a trace${
      reason ? ` (skipped: ${reason})` : ""
    }`,
  ignore: reason !== undefined,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "imageproxy-debian-" });
    try {
      const root = `${folder}/root`;
      const file = await makeDebianPackage({
        program: COMPILED.command[0]!,
        architecture: "amd64",
        folder,
        licences: "MIT: all of it",
      });
      assert.match(file, /\/imageproxy_\d+\.\d+\.\d+_amd64\.deb$/);
      await Deno.mkdir(`${root}/var/lib/dpkg/info`, { recursive: true });
      await Deno.mkdir(`${root}/var/lib/dpkg/updates`);
      await Deno.writeTextFile(`${root}/var/lib/dpkg/status`, "");
      const at = (path: string) => new URL(`file://${root}${path}`);

      await manage(root, "--install", file);
      const program = { ...COMPILED, command: [`${root}/usr/bin/imageproxy`] };
      const { stdout } = await runProgram(program, { args: ["version"] });
      assert.match(stdout, /\d+\.\d+\.\d+/);
      const unit = await Deno.readTextFile(at("/usr/lib/systemd/system/imageproxy.service"));
      assert.match(unit, /^\[Unit\][^]*\nExecStart=\/usr\/bin\/imageproxy\n/);
      for (const [shell, path] of Object.entries(COMPLETIONS)) {
        const { stdout } = await runProgram(program, { args: ["completions", shell] });
        assert.equal(await Deno.readTextFile(at(path)), stdout, shell);
      }
      const { mode } = await Deno.stat(at("/etc/imageproxy.env"));
      assert.equal(mode! & 0o777, 0o640, "keys may stand in it");

      // What the operator wrote stays through an upgrade and a removal, and goes when purged.
      await Deno.writeTextFile(at("/etc/imageproxy.env"), "IMAGEPROXY_ADDR=:9000\n");
      await manage(root, "--install", file);
      await manage(root, "--remove", "imageproxy");
      assert.equal(await Deno.readTextFile(at("/etc/imageproxy.env")), "IMAGEPROXY_ADDR=:9000\n");
      assert.ok(!exists(at("/usr/bin/imageproxy")));
      await Deno.mkdir(at("/var/cache/private/imageproxy"), { recursive: true });
      await manage(root, "--purge", "imageproxy");
      for (
        const path of ["/etc/imageproxy.env", "/usr/share/doc", "/var/cache/private/imageproxy"]
      ) {
        assert.ok(!exists(at(path)), path);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

const COMPLETIONS = {
  bash: "/usr/share/bash-completion/completions/imageproxy",
  zsh: "/usr/share/zsh/vendor-completions/_imageproxy",
  fish: "/usr/share/fish/vendor_completions.d/imageproxy.fish",
};

/** Has dpkg manage a folder as it manages a machine. */
async function manage(root: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("dpkg", {
    args: [
      ...["--root", root, "--force-not-root", "--force-depends", "--force-script-chrootless"],
      ...args,
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
