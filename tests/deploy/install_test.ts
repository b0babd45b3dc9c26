import assert from "node:assert/strict";
import { createFormula } from "../../scripts/homebrew_formula.ts";
import { certificate, privateKey } from "../testing/certificate.ts";
import { findCommand } from "../testing/command.ts";

const SCRIPT = new URL("../../deploy/install.sh", import.meta.url).pathname;
const known = Deno.build.os === "linux" && ["x86_64", "aarch64"].includes(Deno.build.arch);
/** What the script takes to fetch, and what else it runs. */
const FETCHERS = ["curl", "wget"];
const TOOLS = ["sh", "uname", "id", "mktemp", "grep", "sha256sum", "mkdir", "chmod", "cp", "mv"]
  .concat("rm", "sed", "tail", "tr");
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

installTest("follows redirects to https, and none to plain http", async (machine) => {
  const sent: string[] = [];
  await using origin = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: certificate, key: privateKey, onListen() {} },
    ({ url }) => {
      sent.push(new URL(url).pathname);
      return new Response(machine.files.get(new URL(url).pathname));
    },
  );
  machine.redirect = (path) => `https://127.0.0.1:${origin.addr.port}${path}`;
  const { code, stderr } = await machine.install();
  assert.equal(code, 0, stderr);
  assert.deepEqual(sent, ["/latest/download/SHA256SUMS", `/latest/download/${NAME}`]);
  machine.redirect = (path) =>
    path.startsWith("/plain") ? undefined : machine.published + "/plain" + path;
  for (const [path, text] of [...machine.files]) machine.files.set(`/plain${path}`, text);
  const refused = await machine.install();
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /SHA256SUMS cannot be had/);
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
  published: string;
  /** Where a path is sent on to; nowhere unless set. */
  redirect: (path: string) => string | undefined;
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
  for (const fetcher of FETCHERS) {
    const reason = !known
      ? "another system"
      : [...TOOLS, fetcher].filter((name) => !findCommand(name)).map((name) => `no ${name}`)[0];
    Deno.test({
      name: `install.sh ${title}, by ${fetcher}${reason ? ` (skipped: ${reason})` : ""}`,
      ignore: reason !== undefined,
      async fn() {
        const home = await Deno.makeTempDir({ prefix: "imageproxy-install-" });
        try {
          await withMachine(home, fetcher, test);
        } finally {
          await Deno.remove(home, { recursive: true });
        }
      },
    });
  }
}

/** A home, a PATH with no more than the script needs, and a place where releases are published. */
async function withMachine(
  home: string,
  fetcher: string,
  test: (machine: Machine) => Promise<void>,
): Promise<void> {
  const [folder, tools] = [`${home}/bin`, `${home}/tools`];
  for (const path of [folder, tools]) await Deno.mkdir(path);
  for (const name of [...TOOLS, fetcher]) {
    await Deno.symlink(findCommand(name)!, `${tools}/${name}`);
  }
  // What the two trust beside the public authorities, each in its own words.
  const authority = `${home}/authority.pem`;
  await Deno.writeTextFile(authority, certificate);
  await Deno.writeTextFile(`${home}/.curlrc`, `cacert = "${authority}"\n`);
  await Deno.writeTextFile(`${home}/.wgetrc`, `ca_certificate = ${authority}\n`);
  const files = new Map([
    [`/latest/download/${NAME}`, PROGRAM],
    ["/latest/download/SHA256SUMS", await sums({ [NAME]: PROGRAM, other: "another" })],
  ]);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => {
      const { pathname } = new URL(url);
      const location = machine.redirect(pathname);
      if (location) return new Response(null, { status: 302, headers: { location } });
      const text = files.get(pathname);
      return new Response(text ?? "", { status: text === undefined ? 404 : 200 });
    },
  );
  const machine: Machine = {
    files,
    published: `http://127.0.0.1:${server.addr.port}`,
    redirect: () => undefined,
    async install(version = "", releases = machine.published) {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: [SCRIPT, ...(version ? [version] : [])],
        clearEnv: true,
        env: {
          PATH: tools,
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
  };
  await test(machine);
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
