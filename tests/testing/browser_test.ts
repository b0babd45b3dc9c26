import assert from "node:assert/strict";
import { chromiumPath, startBrowser } from "./browser.ts";

const chromium = chromiumPath();

Deno.test({
  name: "a browser that answers no more is ended all the same (needs Chromium)",
  ignore: chromium === undefined || Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const path = `${folder}/chromium`;
      const script = `#!/bin/sh\necho $$ > ${folder}/pid\nexec ${chromium} "$@"\n`;
      await Deno.writeTextFile(path, script, { mode: 0o755 });
      const browser = await startBrowser(path);
      const pid = Number(await Deno.readTextFile(`${folder}/pid`));
      Deno.kill(pid, "SIGSTOP");
      await browser[Symbol.asyncDispose]();
      assert.throws(() => Deno.kill(pid, "SIGCONT"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
