import assert from "node:assert/strict";
import { GIVE_MEMORY_BACK } from "../../src/image/engine/engine_process.ts";
import { findCommand } from "../testing/command.ts";
import { runProgram } from "../testing/program.ts";

const analyze = findCommand("systemd-analyze");
const skipped = analyze ? "" : " (skipped: no systemd-analyze)";
const UNIT = new URL("../../deploy/imageproxy.service", import.meta.url);

Deno.test({
  name: `the systemd unit has no mistakes that systemd knows of${skipped}`,
  ignore: !analyze,
  async fn() {
    await withUnit(async (path) => {
      const { code, stderr } = await run("verify", "--man=no", path);
      assert.equal(`${code} ${stderr}`, "0 ");
    });
  },
});

Deno.test({
  name: `the systemd unit exposes little${skipped}`,
  ignore: !analyze,
  async fn() {
    await withUnit(async (path) => {
      const { stdout } = await run("security", "--offline=true", path);
      const level = Number(/exposure level[^:]*: ([\d.]+)/.exec(stdout)?.[1]);
      assert.ok(level < 2, `${level}`);
    });
  },
});

Deno.test("the systemd unit has the C library give memory back, as the engine has it", async () => {
  const unit = await Deno.readTextFile(UNIT);
  for (const [name, value] of Object.entries(GIVE_MEMORY_BACK)) {
    assert.ok(unit.includes(`\nEnvironment=${name}=${value}\n`), name);
  }
});

function run(...args: readonly string[]) {
  return runProgram({ command: [analyze!], env: {} }, { args });
}

/** The unit with a program that exists, since the real one is not installed here. */
async function withUnit(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const unit = await Deno.readTextFile(UNIT);
    const path = `${folder}/imageproxy.service`;
    await Deno.writeTextFile(path, unit.replace("/usr/local/bin/imageproxy", "/bin/true"));
    await test(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
