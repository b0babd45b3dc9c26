import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { start } from "../testing/server_process.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });

Deno.test("sources, their rules and the fallback image change with a reload, in every thread", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const name of ["one", "two"]) {
      await Deno.mkdir(`${folder}/${name}`);
      await Deno.writeFile(`${folder}/${name}/${name}.png`, PICTURE);
    }
    const configFile = `${folder}/config.json`;
    const settings = (values: Record<string, unknown>) =>
      Deno.writeTextFile(configFile, JSON.stringify(values));
    await settings({ source: [`one=file:${folder}/one?cache=1h`] });
    await using program = await start([
      ...["-addr", "127.0.0.1:0", "-workers", "2", "-parallel", "2", "-config", configFile],
    ]);
    /** Of several answers, so that every thread has given one. */
    const answers = async (target: string) => {
      const got = await Promise.all(Array.from({ length: 16 }, async () => {
        const headers = { connection: "close" };
        const response = await fetch(program.url + target, { headers });
        await response.body?.cancel();
        return `${response.status} ${response.headers.get("cache-control")}`;
      }));
      return [...new Set(got)].join(", ");
    };
    assert.match(await answers("/x/one:one.png"), /^200 max-age=3600$/);
    assert.match(await answers("/x/two:two.png"), /^400/);

    await settings({
      source: [`two=file:${folder}/two`],
      origins: { "two:": { defaultCacheDuration: "2h" } },
      fallbackImage: [`${folder}/one/one.png`],
    });
    program.kill("SIGHUP");
    await program.says(/Reloaded/);
    assert.match(await answers("/x/two:two.png"), /^200 max-age=7200$/);
    assert.match(await answers("/x/one:one.png"), /^400/);
    assert.match(await answers("/20x/two:missing.png"), /^404 max-age=10$/);

    await settings({ source: [`three=file:pictures`], baseURL: "four:" });
    program.kill("SIGHUP");
    assert.match(await program.says(/Not reloaded/), /-baseURL names the source four:/);
    await settings({ source: [`three=file:pictures`] });
    program.kill("SIGHUP");
    assert.match(await program.says(/must be absolute/), /Not reloaded.*three=file:pictures/);
    assert.match(await answers("/x/two:two.png"), /^200/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
