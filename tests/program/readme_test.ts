import assert from "node:assert/strict";
import { look, startEngine } from "../testing/pictures.ts";
import { start } from "../testing/server_process.ts";

await startEngine();
const ROOT = new URL("../../", import.meta.url);

/** The words that a shell makes of a line in the folder of the README. */
async function wordsOf(line: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\n' ${line}`],
    cwd: ROOT,
  }).output();
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

Deno.test("the first command of the README serves its first URL, on a machine without a network", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const [, flags] = / task start (-.*)\n/.exec(readme)!;
  const [, target] = /^ {4}http:\/\/localhost:8080(\/\S+)$/m.exec(readme)!;
  await using server = await start([...await wordsOf(flags!), "-addr", "127.0.0.1:0"]);
  const response = await fetch(server.url + target);
  assert.equal(response.status, 200);
  const { width, height } = look(new Uint8Array(await response.arrayBuffer()));
  assert.equal(`${width}x${height}`, target!.split("/")[1]);
});
