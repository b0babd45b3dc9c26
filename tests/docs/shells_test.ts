import assert from "node:assert/strict";
import { findCommand } from "../testing/command.ts";

const README = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

/** The lines of the README that are to be pasted. */
const COMMANDS = [...README.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
  .flatMap(([, block]) => block!.trimEnd().split("\n"));

/** How each shell prints the words that it makes of a line, each on a line. */
const SHELLS: Readonly<Record<string, (line: string) => string[]>> = {
  sh: (line) => ["-c", `printf '%s\\n' ${line}`],
  bash: (line) => ["-c", `printf '%s\\n' ${line}`],
  zsh: (line) => ["-f", "-c", `printf '%s\\n' ${line}`],
  fish: (line) => ["--no-config", "-c", `printf '%s\\n' ${line}`],
  // A command of its own would take words with a dash for itself.
  pwsh: (line) => ["-NoProfile", "-Command", `/usr/bin/printf '%s\\n' ${line}`],
};

/**
 * A word that means itself to every shell: bare without anything special (a comma makes a list in PowerShell),
 * or in double quotes with no more than $PWD.
 */
const WORD = /^(?:[\w./:=+-][\w./:=+@-]*|"(?:\$PWD(?=\/)|[^"$`\\!])*")$/;

Deno.test("every command of the README is one line of words that mean the same to every shell", () => {
  assert.ok(COMMANDS.length >= 8);
  for (const line of COMMANDS) {
    for (const word of line.match(/(?:"[^"]*"|[^\s"])+/g)!) assert.match(word, WORD, line);
    assert.match(line, /^(?:deno|npx|curl|docker) /);
  }
});

Deno.test("no command of the documents leaves to a shell what *, ? and @ mean", async () => {
  const docs = new URL("../../docs/", import.meta.url);
  for await (const { name } of Deno.readDir(docs)) {
    if (!name.endsWith(".md")) continue;
    const text = await Deno.readTextFile(new URL(name, docs));
    const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)].map(([, block]) => block!);
    const inline = [...text.matchAll(/`((?:imageproxy|deno task) -[^`\n]*)`/g)].map(([, line]) =>
      line!
    );
    for (const line of [...blocks, ...inline].flatMap((part) => part.split("\n"))) {
      const bare = line.replaceAll(/'[^']*'|"[^"]*"|(?<=^|\s)#.*$/g, "");
      assert.doesNotMatch(bare, /[*?]|(?:^|[\s=])@/, `${name}: ${line}`);
    }
  }
});

for (const [name, args] of Object.entries(SHELLS)) {
  const path = findCommand(name);
  Deno.test({
    name: `${name} makes of the README's commands what is meant` +
      (path ? "" : ` (skipped: ${name} is not installed)`),
    ignore: !path,
    async fn() {
      for (const line of COMMANDS) {
        const { stdout } = await new Deno.Command(path!, { args: args(line), cwd: Deno.cwd() })
          .output();
        const words = line.match(/"[^"]*"|\S+/g)!.map((word) =>
          word.replaceAll('"', "").replace("$PWD", Deno.cwd())
        );
        assert.deepEqual(new TextDecoder().decode(stdout).trimEnd().split(/\r?\n/), words);
      }
    },
  });
}
