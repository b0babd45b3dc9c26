import assert from "node:assert/strict";
import { Language, type Node, Parser } from "web-tree-sitter";
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

Deno.test("PowerShell's grammar has each command of the README as one, of those very words", async () => {
  await Parser.init();
  const file = import.meta.resolve("tree-sitter-powershell/tree-sitter-powershell.wasm");
  const parser = new Parser();
  parser.setLanguage(await Language.load(await Deno.readFile(new URL(file))));
  for (const line of COMMANDS) assert.deepEqual(powershellWords(parser, line), wordsOf(line));
  // What it makes of a comma, an @ and an & that no quotes keep from it.
  for (const line of ["deno -sizes 1,2", "deno -key @key", "curl http://a/?b&c"]) {
    assert.notDeepEqual(powershellWords(parser, line), wordsOf(line), line);
  }
  parser.delete();
});

/** What holds no more than the words of a command, or one of them. */
const HOLDERS = new Set([
  ...["program", "statement_list", "pipeline", "pipeline_chain", "command", "command_elements"],
  ...["array_literal_expression", "unary_expression", "string_literal"],
]);

/** The words of a line that is one command of plain words; the types of what else there is among them. */
function powershellWords(parser: Parser, line: string): string[] {
  const tree = parser.parse(line)!;
  const plain = (node: Node): string[] => {
    if (node.type === "command_argument_sep") return node.text.trim() === "" ? [] : ["?"];
    if (/^(?:command_name|command_parameter|generic_token)$/.test(node.type)) return [node.text];
    if (node.type === "expandable_string_literal") return [node.text.replaceAll('"', "")];
    if (!HOLDERS.has(node.type)) return [node.type];
    return node.namedChildren.flatMap((child) => child ? plain(child) : []);
  };
  const words = plain(tree.rootNode);
  tree.delete();
  return words;
}

/** The words of a line in which double quotes are all that quotes. */
function wordsOf(line: string): string[] {
  return line.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
}

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
        const words = wordsOf(line).map((word) => word.replace("$PWD", Deno.cwd()));
        assert.deepEqual(new TextDecoder().decode(stdout).trimEnd().split(/\r?\n/), words);
      }
    },
  });
}
