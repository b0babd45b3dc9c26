import assert from "node:assert/strict";
import vectors from "../../clients/vectors.json" with { type: "json" };
import { findCommand } from "../testing/command.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/pages.md", import.meta.url));

interface Language {
  name: string;
  /** The mark of its code in the document, and which of several it is. */
  mark: string;
  block?: number;
  command: string;
  args(file: string): string[];
  file: string;
  /** The document's code as a program that prints the URLs of the vectors, a line each. */
  program(code: string): string;
}

const DATA = JSON.stringify(vectors);
const LANGUAGES: readonly Language[] = [
  {
    name: "JavaScript",
    mark: "js",
    block: 1,
    command: "node",
    args: (file) => [file],
    file: "run.mjs",
    program: (code) =>
      `${code}\nconst data = ${DATA};\nfor (const { source, options, key } of data.vectors) ` +
      "console.log(await imageUrl(data.base, source, options, key));",
  },
  {
    name: "TypeScript",
    mark: "ts",
    command: Deno.execPath(),
    args: (file) => ["run", "--quiet", "--check", file],
    file: "run.ts",
    program: (code) =>
      `${code}\nconst data = ${DATA};\nfor (const { source, options, key } of data.vectors) ` +
      "console.log(await imageUrl(data.base, source, options, key));",
  },
  {
    name: "Python",
    mark: "python",
    command: "python3",
    args: (file) => [file],
    file: "run.py",
    program: (code) =>
      `${code}\nimport json\ndata = json.loads(r'''${DATA}''')\nfor it in data["vectors"]:\n` +
      '    print(image_url(data["base"], it["source"], it["options"], it["key"]))\n',
  },
  {
    name: "PHP",
    mark: "php",
    command: "php",
    args: (file) => [file],
    file: "run.php",
    program: (code) =>
      `<?php\n${code}\n$data = json_decode(<<<'EOT'\n${DATA}\nEOT, true);\n` +
      'foreach ($data["vectors"] as $it) echo image_url($data["base"], $it["source"], ' +
      '$it["options"], $it["key"]), "\\n";\n',
  },
  {
    name: "Ruby",
    mark: "ruby",
    command: "ruby",
    args: (file) => [file],
    file: "run.rb",
    program: (code) =>
      `${code}\nrequire "json"\ndata = JSON.parse(<<~'EOT')\n${DATA}\nEOT\n` +
      'data["vectors"].each { |it| puts image_url(data["base"], it["source"], it["options"], it["key"]) }\n',
  },
  {
    name: "Go",
    mark: "go",
    command: "go",
    args: (file) => ["run", file],
    file: "run.go",
    program: (code) =>
      'package main\n\nimport (\n"crypto/hmac"\n"crypto/sha256"\n"encoding/base64"\n"encoding/json"\n' +
      `"fmt"\n"net/url"\n"strings"\n)\n\n${code}\n\nfunc main() {\nvar data struct {\nBase string\n` +
      "Vectors []struct{ Source, Options, Key string }\n}\n" +
      `if err := json.Unmarshal([]byte(\`${DATA}\`), &data); err != nil {\npanic(err)\n}\n` +
      "for _, it := range data.Vectors {\n" +
      "fmt.Println(imageURL(data.Base, it.Source, it.Options, it.Key))\n}\n}\n",
  },
];

for (const { name, mark, block = 0, command, args, file, program } of LANGUAGES) {
  const path = command === Deno.execPath() ? command : findCommand(command);
  Deno.test({
    name: `the document's ${name} makes the URLs of the vectors` +
      (path ? "" : ` (skipped: ${command} is not installed)`),
    ignore: !path,
    async fn() {
      const codes = [...PAGE.matchAll(new RegExp(`^\`\`\`${mark}\\n([\\s\\S]*?)^\`\`\``, "gm"))];
      const folder = await Deno.makeTempDir({ prefix: "imageproxy-language-" });
      try {
        const code = `${folder}/${file}`;
        await Deno.writeTextFile(code, program(codes[block]![1]!));
        const { stdout, stderr } = await new Deno.Command(path!, { args: args(code), cwd: folder })
          .output();
        const printed = new TextDecoder().decode(stdout).trim().split("\n");
        assert.equal(new TextDecoder().decode(stderr), "");
        assert.deepEqual(printed.map(normal), vectors.vectors.map(({ url }) => normal(url)));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** The same escapes for the characters that languages treat differently. */
function normal(url: string): string {
  return url.replaceAll(/[!'()*~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll(/%7E/gi, "%7E");
}
