import assert from "node:assert/strict";
import { look, startEngine } from "../testing/pictures.ts";
import { run, start } from "../testing/server_process.ts";

await startEngine();
const ROOT = new URL("../../", import.meta.url);

const README = await Deno.readTextFile(new URL("README.md", ROOT));

/** The words that a shell makes of a line in a folder. */
async function wordsOf(line: string, cwd: string | URL = ROOT): Promise<string[]> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `printf '%s\\n' ${line}`], cwd })
    .output();
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

Deno.test("the first command of the README serves its first URL, on a machine without a network", async () => {
  const [, flags] = / task start (-.*)\n/.exec(README)!;
  const [, target] = /^ {4}http:\/\/localhost:8080(\/\S+)$/m.exec(README)!;
  await using server = await start([...await wordsOf(flags!), "-addr", "127.0.0.1:0"]);
  const response = await fetch(server.url + target);
  assert.equal(response.status, 200);
  const { width, height } = look(new Uint8Array(await response.arrayBuffer()));
  assert.equal(`${width}x${height}`, target!.split("/")[1]);
});

Deno.test("the README leads from nothing to signed pictures and metrics", async () => {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-readme-" });
  try {
    await Deno.symlink(new URL("docs", ROOT).pathname, `${folder}/docs`);
    const lines = README.slice(README.indexOf("## From nothing")).split("\n");
    const words = (start: string) =>
      Promise.all(
        lines.filter((line) => line.startsWith(start))
          .map((line) => wordsOf(line.slice(start.length), folder)),
      );
    const [make] = await words("deno eval ");
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", ...make!],
      cwd: folder,
    }).output();
    assert.equal(code, 0);
    const [flags] = await words("deno task start -signatureKey ");
    const anywhere = flags!.map((word) => word.replace(":9090", ":0"));
    await using server = await start(
      ["-signatureKey", ...anywhere, "-addr", "127.0.0.1:0"],
      { cwd: folder },
    );
    const unsigned = await fetch(`${server.url}/200x,webp/photos:photo.jpg`);
    assert.equal(unsigned.status, 403);
    await unsigned.body?.cancel();
    const printed = await Promise.all(
      (await words("deno task start sign ")).map(async (args) => {
        const here = args.map((word) => word.replace("http://localhost:8080", server.url));
        return (await run(["sign", ...here], { cwd: folder })).stdout;
      }),
    );
    const urls = printed.flatMap((text) => text.match(/http:[^\s"]+/g) ?? []);
    assert.equal(urls.length, 4);
    for (const url of urls) {
      const response = await fetch(url);
      assert.equal(response.status, 200, url);
      assert.equal(response.headers.get("content-type"), "image/webp");
      await response.body?.cancel();
    }
    const [metrics] = await words("curl ");
    const page = await fetch(metrics![0]!.replace("http://127.0.0.1:9090", server.adminUrl));
    assert.match(await page.text(), /^# HELP /);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
