import assert from "node:assert/strict";
import { createFormula } from "../../scripts/homebrew_formula.ts";
import { findCommand } from "../testing/command.ts";

const SCRIPT = new URL("../../deploy/install.sh", import.meta.url).pathname;
const known = Deno.build.os === "linux" && ["x86_64", "aarch64"].includes(Deno.build.arch);
const missing = findCommand("curl") ?? findCommand("wget") ? undefined : "no curl, no wget";
const reason = known ? missing : "another system";
const NAME = `imageproxy-linux-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;
const PROGRAM = "#!/bin/sh\necho imageproxy 1.2.3\n";

installTest("puts the newest program in place, and a named version over it", async (machine) => {
  const first = await machine.install();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^imageproxy 1\.2\.3\n.* is not on your PATH\n$/);
  assert.equal(await machine.installed(), PROGRAM);
  machine.files.set(`/download/v2.0.0/${NAME}`, PROGRAM.replace("1.2.3", "2.0.0"));
  machine.files.set(
    "/download/v2.0.0/SHA256SUMS",
    await sums({ [NAME]: PROGRAM.replace("1.2.3", "2.0.0") }),
  );
  assert.match((await machine.install("2.0.0")).stdout, /^imageproxy 2\.0\.0\n/);
  assert.deepEqual(await machine.folder(), ["imageproxy"]);
});

installTest("installs nothing that is not what its checksum says", async (machine) => {
  machine.files.set(`/latest/download/${NAME}`, PROGRAM + "echo and more\n");
  const { code, stderr } = await machine.install();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`not installed: ${NAME} is not what SHA256SUMS says`));
  assert.deepEqual(await machine.folder(), []);
});

installTest("says what is missing, and leaves what is there", async (machine) => {
  await machine.install();
  const rows: [string, RegExp][] = [
    ["/latest/download/SHA256SUMS", /SHA256SUMS cannot be had/],
    [`/latest/download/${NAME}`, /imageproxy-linux-\w+ cannot be had/],
  ];
  for (const [path, message] of rows) {
    const kept = machine.files.get(path)!;
    machine.files.delete(path);
    const { code, stderr } = await machine.install();
    assert.equal(code, 1);
    assert.match(stderr, message);
    machine.files.set(path, kept);
  }
  machine.files.set("/latest/download/SHA256SUMS", await sums({ other: "x" }));
  assert.match((await machine.install()).stderr, /SHA256SUMS does not name imageproxy-linux/);
  assert.equal(await machine.installed(), PROGRAM);
});

installTest("wants to be told where releases lie, and over https", async (machine) => {
  for (const releases of ["", "http://releases.example.com", "ftp://127.0.0.1/"]) {
    const { code, stderr } = await machine.install("", releases);
    assert.equal(code, 1);
    assert.match(stderr, /IMAGEPROXY_RELEASES has to say where the releases lie/);
  }
});

Deno.test("createFormula() names the programs there are, each for its system and processor", async () => {
  const formula = createFormula({
    version: "1.2.3",
    releases: "https://git.example/owner/imageproxy/releases",
    checksums: new Map([
      ["imageproxy-linux-x64", "a".repeat(64)],
      ["imageproxy-macos-arm64", "b".repeat(64)],
      ["imageproxy-windows-x64.exe", "c".repeat(64)],
    ]),
  });
  const urls = [...formula.matchAll(/on_(\w+) do\n {6}url "(.*)"\n {6}sha256 "(.)/g)];
  const from = "https://git.example/owner/imageproxy/releases/download/v1.2.3";
  assert.deepEqual(urls.map(([, ...found]) => found), [
    ["arm", `${from}/imageproxy-macos-arm64`, "b"],
    ["intel", `${from}/imageproxy-linux-x64`, "a"],
  ]);
  assert.throws(
    () => createFormula({ version: "1.2.3", releases: from, checksums: new Map() }),
    /No program of this release/,
  );
  const ruby = findCommand("ruby");
  if (!ruby) return;
  const file = await Deno.makeTempFile({ suffix: ".rb" });
  try {
    await Deno.writeTextFile(file, formula);
    const { success } = await new Deno.Command(ruby, { args: ["-c", file], stdout: "null" })
      .output();
    assert.ok(success);
  } finally {
    await Deno.remove(file);
  }
});

interface Machine {
  /** What is published, by its path below the releases. */
  files: Map<string, string>;
  install(version?: string, releases?: string): Promise<Output>;
  installed(): Promise<string>;
  folder(): Promise<string[]>;
}

interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

function installTest(title: string, test: (machine: Machine) => Promise<void>): void {
  Deno.test({
    name: `install.sh ${title}${reason ? ` (skipped: ${reason})` : ""}`,
    ignore: reason !== undefined,
    async fn() {
      const home = await Deno.makeTempDir({ prefix: "imageproxy-install-" });
      const folder = `${home}/bin`;
      await Deno.mkdir(folder);
      const files = new Map([
        [`/latest/download/${NAME}`, PROGRAM],
        ["/latest/download/SHA256SUMS", await sums({ [NAME]: PROGRAM, other: "another" })],
      ]);
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen() {} },
        ({ url }) => {
          const text = files.get(new URL(url).pathname);
          return new Response(text ?? "", { status: text === undefined ? 404 : 200 });
        },
      );
      const published = `http://127.0.0.1:${server.addr.port}`;
      try {
        await test({
          files,
          async install(version = "", releases = published) {
            const { code, stdout, stderr } = await new Deno.Command("sh", {
              args: [SCRIPT, ...(version ? [version] : [])],
              clearEnv: true,
              env: {
                PATH: Deno.env.get("PATH") ?? "",
                HOME: home,
                IMAGEPROXY_RELEASES: releases,
                IMAGEPROXY_FOLDER: folder,
              },
            }).output();
            const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
            return { code, stdout: text(stdout), stderr: text(stderr) };
          },
          installed: () => Deno.readTextFile(`${folder}/imageproxy`),
          folder: async () =>
            (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort(),
        });
      } finally {
        await Deno.remove(home, { recursive: true });
      }
    },
  });
}

/** What sha256sum prints of the files. */
async function sums(files: Readonly<Record<string, string>>): Promise<string> {
  const lines = await Promise.all(
    Object.entries(files).map(async ([name, text]) => {
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return `${new Uint8Array(digest).toHex()}  ${name}\n`;
    }),
  );
  return lines.join("");
}
