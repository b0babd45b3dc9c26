import assert from "node:assert/strict";
import { look, startEngine } from "../testing/pictures.ts";
import { start } from "../testing/server_process.ts";

await startEngine();
const ROOT = new URL("../../", import.meta.url);

Deno.test("the first command of the README serves its first URL, on a machine without a network", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const [, flags] = / task start (-.*)\n/.exec(readme)!;
  const [, target] = /^ {4}http:\/\/localhost:8080(\/\S+)$/m.exec(readme)!;
  const folder = ROOT.pathname.replace(/\/$/, "");
  await using server = await start([
    ...flags!.replaceAll("$PWD", folder).split(" "),
    ...["-addr", "127.0.0.1:0"],
  ]);
  const response = await fetch(server.url + target);
  assert.equal(response.status, 200);
  const { width, height } = look(new Uint8Array(await response.arrayBuffer()));
  assert.equal(`${width}x${height}`, target!.split("/")[1]);
});
