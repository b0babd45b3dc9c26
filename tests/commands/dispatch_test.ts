import assert from "node:assert/strict";
import denoConfig from "../../deno.json" with { type: "json" };
import {
  ALL_SETTINGS,
  createCommand,
  parseArguments,
} from "../../src/commands/terminal/command_line.ts";
import { COMMANDS } from "../../src/commands/table.ts";
import { SECTIONS } from "../../src/settings/table.ts";
import { findCommand } from "../testing/command.ts";
import { OPTIONS } from "../../src/options/table.ts";
import { run } from "../testing/server_process.ts";

/** Every flag of the Go program, as its users write it. */
const GO_FLAGS: readonly (readonly string[])[] = [
  ["-addr", ":8080"],
  ["-allowHosts", "example.com,*.example.org"],
  ["-baseURL", "https://example.com/"],
  ["-cache", "memory:100:1h"],
  ["-cache", "memory", "-cache", "/tmp/cache"],
  ["-contentTypes", "image/*"],
  ["-denyHosts", "example.net"],
  ["-followRedirects=false"],
  ["-forceCache"],
  ["-minCacheDuration", "1h30m"],
  ["-passRequestHeaders", "Accept-Language"],
  ["-passResponseHeaders", "Cache-Control,Etag"],
  ["-scaleUp"],
  ["-signatureKey", "@/etc/key", "-signatureKey", "other"],
  ["-timeout", "250ms"],
  ["-userAgent", "me"],
  ["-verbose=false"],
  ["-version"],
  ["-whitelist", "example.com"],
  ["-port", "8080"],
];

Deno.test("the server takes every flag of the Go program, with one dash or two", () => {
  const serve = COMMANDS.find(({ name }) => name === "serve")!;
  for (const words of GO_FLAGS) {
    for (const args of [words, words.map((word) => word.replace(/^-(?=[a-z])/, "--"))]) {
      assert.deepEqual(parseArguments(serve, args).problems, [], args.join(" "));
    }
  }
});

Deno.test("imageproxy help explains options, one option, and one setting", async () => {
  const all = await run(["help", "options"]);
  assert.equal(all.code, 0);
  for (const { syntax } of Object.values(OPTIONS)) {
    assert.ok(all.stdout.replace(/\s+/g, " ").includes(syntax), syntax);
  }
  assert.ok(all.stdout.split("\n").every((line) => line.length <= 100));
  const rows: readonly (readonly [topic: string, says: RegExp])[] = [
    ["blur", /^blur:\{0\.1…1000\}\n\n {2}Blur by a Gaussian[^]*\n\n {2}Examples: blur:4/],
    ["q80", /^q\{1…100\} quality:/],
    ["cx", /^cx\{x\} cy\{y\} cw\{width\} ch\{height\}\n/],
    ["webp", / auto\n\n {2}The format of the result/],
    ["200x", /^\{width\}x\{height\}/],
    ["smartCrop", /^sc\n/],
    ["allowHosts", /^Access:\n {2}--allowHosts <list> {2}Hosts whose images need no signature/],
    ["ADDR", /^Server:\n {2}--addr <host:port>/],
    ["scaleUp", /^scaleUp\n[^]*\n\nImages:\n {2}--scaleUp/],
    ["transform", /Usage: imageproxy transform/],
    ["origins", /^Origins:\n/],
  ];
  for (const [topic, says] of rows) {
    const { code, stdout } = await run(["help", topic]);
    assert.equal(code, 0, topic);
    assert.match(stdout, says);
  }
  for (
    const [topic, says] of [
      ["blurr", /no command, section, setting or option "blurr"; did you mean blur\?/],
      ["alowHosts", /did you mean allowHosts\?/],
      ["optoins", /did you mean options\?/],
    ] as const
  ) {
    const { code, stderr } = await run(["help", topic]);
    assert.equal(code, 1);
    assert.match(stderr, says);
  }
});

Deno.test("every setting belongs to a section, and each section's help fits a screen", async () => {
  const { code, stdout } = await run(["--help"]);
  assert.equal(code, 0);
  assert.ok(stdout.split("\n").length <= 45, stdout);
  for (const name of ALL_SETTINGS) assert.match(stdout, new RegExp(`\\b${name}\\b`));
  for (const { name } of COMMANDS) assert.match(stdout, new RegExp(`^  ${name} `, "m"));
  const serve = COMMANDS.find(({ name }) => name === "serve")!;
  for (const section of SECTIONS) {
    const text = createCommand(serve, { sections: [section] }).helpInformation();
    assert.ok(text.split("\n").length <= 45, section);
    assert.ok(text.split("\n").every((line) => line.length <= 100), section);
  }
});

Deno.test("every command explains itself", async () => {
  for (const { name, summary } of COMMANDS) {
    const { code, stdout } = await run([name, "-h"]);
    assert.equal(code, 0, name);
    assert.ok(stdout.includes(summary), name);
  }
});

Deno.test("imageproxy --version names the program, Deno and ImageMagick", async () => {
  for (const word of ["--version", "-version", "version"]) {
    const { stdout, code } = await run([word]);
    assert.equal(code, 0);
    const deno = Deno.version.deno.replaceAll(".", "\\.");
    const pattern =
      `^imageproxy ${denoConfig.version} \\(Deno ${deno}, ImageMagick 7\\.\\S+ Q8\\)\n$`;
    assert.match(stdout, new RegExp(pattern));
  }
});

Deno.test("imageproxy config shows what is in force, where it is from, and no secret", async () => {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-" });
  try {
    const file = `${folder}/imageproxy.json`;
    await Deno.writeTextFile(file, `{"timeout": "5s", "userAgent": "file", "addr": ":1"}`);
    const env = { IMAGEPROXY_USERAGENT: "variable", IMAGEPROXY_CONFIG: file };
    const args = ["config", "-addr=:2", "-signatureKey=hush"];
    const { code, stdout } = await run(args, { env });
    assert.equal(code, 0);
    assert.match(stdout, /^addr +\[::\]:2 +# -addr$/m);
    assert.match(stdout, /^userAgent +variable +# IMAGEPROXY_USERAGENT$/m);
    assert.match(stdout, /^timeout +5s +# timeout in .*imageproxy\.json$/m);
    assert.match(stdout, /^scaleUp +false +# default$/m);
    assert.match(stdout, /^signatureKey +\*{8} +# -signatureKey$/m);
    assert.doesNotMatch(stdout, /hush/);
    const json = JSON.parse((await run([...args, "-json"], { env })).stdout);
    assert.deepEqual(json.addr, { value: "[::]:2", from: "-addr" });
    assert.equal((await run([...args, "-check"], { env })).stdout, "");
    const wrong = await run(["config", "-check", "-denyHosts=a b", "-timeout=x"], {
      env: { IMAGEPROXY_SIGNATUREKEY: "@/no/such/file" },
    });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /-denyHosts.*\n?/);
    assert.match(wrong.stderr, /-timeout must be/);
    assert.match(wrong.stderr, /cannot read the key file \/no\/such\/file/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("imageproxy completions writes scripts that their shells can read", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await run(["completions", shell]);
    assert.equal(code, 0);
    for (const name of [...COMMANDS.map(({ name }) => name), ...ALL_SETTINGS]) {
      assert.match(stdout, new RegExp(`\\b${name}\\b`), `${shell} ${name}`);
    }
  }
  const { code, stderr } = await run(["completions", "csh"]);
  assert.equal(code, 1);
  assert.match(stderr, /bash, zsh or fish/);
});

const bash = findCommand("bash");

Deno.test({
  name: "bash completes commands, flags and values of imageproxy" +
    (bash ? "" : " (skipped: bash is not installed)"),
  ignore: !bash,
  async fn() {
    const { stdout } = await run(["completions", "bash"]);
    const script = `${stdout}
      COMP_WORDS=(imageproxy si); COMP_CWORD=1; _imageproxy; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(imageproxy sign --si); COMP_CWORD=2; _imageproxy; echo "\${COMPREPLY[@]}"
      COMP_WORDS=(imageproxy -logFormat ""); COMP_CWORD=2; _imageproxy; echo "\${COMPREPLY[@]}"`;
    const output = await new Deno.Command(bash!, { args: ["-c", script] }).output();
    const told = new TextDecoder().decode(output.stdout).trim().split("\n");
    assert.deepEqual(told, ["sign", "--signature --sizes --signatureKey", "auto text json"]);
  },
});

const fish = findCommand("fish");

Deno.test({
  name: "fish completes commands, flags and values of imageproxy" +
    (fish ? "" : " (skipped: fish is not installed)"),
  ignore: !fish,
  async fn() {
    const { stdout } = await run(["completions", "fish"]);
    const lines = ["imageproxy transf", "imageproxy sign -si", "imageproxy -logFormat "];
    const asked = lines.map((line) => `complete -C '${line}' | string replace -r '\\t.*' ''`);
    const output = await new Deno.Command(fish!, { args: ["-c", [stdout, ...asked].join("\n")] })
      .output();
    assert.deepEqual(new TextDecoder().decode(output.stdout).trim().split("\n"), [
      ...["transform", "-signature", "-signatureKey", "-sizes", "auto", "json", "text"],
    ]);
  },
});

Deno.test("imageproxy healthcheck says where nobody answers", async () => {
  const { code, stderr } = await run(["healthcheck", "-addr", "127.0.0.1:1"]);
  assert.equal(code, 1);
  assert.match(stderr, /^imageproxy: No answer from 127\.0\.0\.1:1: /);
});

Deno.test("imageproxy config -check finds sources that cannot be opened, and shows no secret of a rule", async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["-source", "photos=file:pictures"], /photos=file:pictures: the folder must be absolute/],
    [["-baseURL", "photos:"], /-baseURL names the source photos: which no -source gives/],
    [["-source", "photos=s3://"], /region and bucket are needed/],
    [["-sourceKey", "@/nowhere"], /-sourceKey cannot read the key file \/nowhere/],
    [["-fallbackImage", "shop:a.png"], /-fallbackImage names the source shop:/],
  ];
  for (const [args, sentence] of rows) {
    const { code, stderr } = await run(["config", "-check", ...args]);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, sentence);
    assert.equal(stderr.trim().split("\n").length, 1);
  }
  const origins = JSON.stringify({ "a.example": { headers: { Authorization: "Bearer secret" } } });
  for (const form of [[], ["-json"]]) {
    const { code, stdout } = await run([
      ...["config", "-origins", origins, "-proxy", "http://me:secret@proxy:3128"],
      ...form,
    ]);
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /secret/);
    assert.match(stdout, /authorization/);
    assert.match(stdout, /proxy:3128/);
  }
});
