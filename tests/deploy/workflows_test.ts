import assert from "node:assert/strict";

const FOLDER = new URL("../../.github/workflows/", import.meta.url);
const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

Deno.test("workflows run actions of others by the hash of a commit, with its version beside it", async () => {
  const used: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    used.push(...[...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action]) => action!));
  }
  const foreign = used.filter((action) => !action.startsWith("./"));
  assert.ok(foreign.length >= 9);
  for (const action of foreign) assert.match(action, PINNED);
});
