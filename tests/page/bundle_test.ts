import assert from "node:assert/strict";
import { bundle } from "../../src/page/bundle.ts";

const FOLDER = new URL("../../src/page/browser/", import.meta.url);

Deno.test("bundle() joins modules less what joins them, and their comments", () => {
  const script = bundle([
    "// Why.\nexport const one = 1;\n\n/** Of\n * it. */\nexport function two() {\n  return one; // as it is\n}\n",
    'import { one, two } from "./a.js";\nimport {\n  x,\n} from "./b.js";\nexport async function three() {}\nthree(one, two);\n',
  ]);
  assert.equal(
    script,
    "const one = 1;\n\nfunction two() {\n  return one; // as it is\n}\nasync function three() {}\nthree(one, two);",
  );
});

Deno.test("no two modules of the page declare the same name, and all that is imported is there", async () => {
  const declared = new Map<string, string>();
  const imported: (readonly [string, string])[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    for (
      const [, found] of text.matchAll(
        /^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm,
      )
    ) {
      assert.equal(declared.get(found!), undefined, `${found} in ${name}`);
      declared.set(found!, name);
    }
    for (const [, names, file] of text.matchAll(/^import \{([^}]+)\} from "\.\/(\S+)";/gm)) {
      for (const each of names!.split(",").map((it) => it.trim()).filter(Boolean)) {
        imported.push([each, file!]);
      }
    }
  }
  for (const [name, file] of imported) assert.equal(declared.get(name), file, name);
});
