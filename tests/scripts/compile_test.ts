import assert from "node:assert/strict";
import { compile } from "../../scripts/compile.ts";

/** A stand-in for deno that does in the end what `compiling` says. */
async function createDeno(folder: string, compiling: string): Promise<string> {
  const path = `${folder}/deno`;
  await Deno.writeTextFile(
    path,
    `#!/bin/sh
case "$1" in
  info) echo '{"npmCache":"${folder}/none"}' ;;
  compile)
    while [ "$1" != --output ]; do shift; done
    output="$2"
    ${compiling} ;;
esac
`,
  );
  await Deno.mkdir(`${folder}/none`);
  await Deno.chmod(path, 0o755);
  return path;
}

async function compileWith(deno: string, output: string): Promise<string> {
  const before = Deno.env.get("COMPILE_DENO");
  Deno.env.set("COMPILE_DENO", deno);
  try {
    await compile({ output });
    return "";
  } catch (error) {
    return (error as Error).message;
  } finally {
    if (before === undefined) Deno.env.delete("COMPILE_DENO");
    else Deno.env.set("COMPILE_DENO", before);
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("compile() that fails leaves the old program, nothing half written, and says what to set", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/dist`);
  await Deno.writeTextFile(`${folder}/dist/imageproxy`, "old");
  const deno = await createDeno(folder, 'echo half > "$output"; echo no network >&2; exit 1');
  const rows = [[deno, /^deno compile failed:\nno network\n/], [
    `${folder}/absent`,
    /^Failed to spawn .*\/absent'/,
  ]] as const;
  for (const [command, message] of rows) {
    const said = await compileWith(command, `${folder}/dist/imageproxy`);
    assert.match(said, message);
    assert.match(said, /Nothing was changed.* set DENORT_BIN to .*COMPILE_DENO/s);
    assert.deepEqual(names(`${folder}/dist`), ["imageproxy"]);
    assert.equal(await Deno.readTextFile(`${folder}/dist/imageproxy`), "old");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("compile() puts the new program in the old one's place, also while that runs", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.copyFile("/bin/sleep", `${folder}/imageproxy`);
  await using running = new Deno.Command(`${folder}/imageproxy`, { args: ["60"] }).spawn();
  const deno = await createDeno(folder, 'echo new > "$output"');
  assert.equal(await compileWith(deno, `${folder}/imageproxy`), "");
  assert.equal(await Deno.readTextFile(`${folder}/imageproxy`), "new\n");
  assert.deepEqual(names(folder), ["deno", "imageproxy", "none"]);
  running.kill("SIGKILL");
  await Deno.remove(folder, { recursive: true });
});
