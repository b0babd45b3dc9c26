// Makes a Debian package of a compiled program: `deno task release` does so for Linux, where dpkg-deb is
// installed. Installing it starts nothing: a proxy has to be told first whom it serves.
import denoConfig from "../deno.json" with { type: "json" };

/** Targets and what Debian calls their processors. */
export const ARCHITECTURES = {
  "x86_64-unknown-linux-gnu": "amd64",
  "aarch64-unknown-linux-gnu": "arm64",
} as const;

export interface PackageOptions {
  /** The compiled program. */
  program: string;
  architecture: (typeof ARCHITECTURES)[keyof typeof ARCHITECTURES];
  /** The folder that the package is put into. */
  folder: string;
  /** The licences of all parts. */
  licences: string;
  /** Name and address of whoever publishes it. */
  maintainer?: string;
}

const ROOT = new URL("../", import.meta.url);

const ENVIRONMENT =
  `# Settings of the service, one IMAGEPROXY_NAME=value a line; imageproxy -help lists them all.
# Whoever may ask for a picture of any host makes this machine fetch it: name hosts, or a key.
#IMAGEPROXY_ALLOWHOSTS=images.example.com
#IMAGEPROXY_ADDR=:8080
`;

// What follows an upgrade and a removal, where systemd runs; a new package waits to be told its settings.
const POSTINST = `#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d "$DPKG_ROOT/run/systemd/system" ]; then
  systemctl daemon-reload
  if [ -n "$2" ]; then systemctl try-restart imageproxy.service; fi
fi
`;

const PRERM = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d "$DPKG_ROOT/run/systemd/system" ]; then
  systemctl disable --now imageproxy.service
fi
`;

const POSTRM = `#!/bin/sh
set -e
if [ -d "$DPKG_ROOT/run/systemd/system" ]; then systemctl daemon-reload; fi
if [ "$1" = purge ]; then
  rm -rf "$DPKG_ROOT/var/cache/private/imageproxy" "$DPKG_ROOT/var/lib/private/imageproxy"
fi
`;

/** Makes the package and returns its path. Throws with what dpkg-deb said where that fails. */
export async function makeDebianPackage(
  { program, architecture, folder, licences, maintainer = "Nobody <nobody@localhost>" }:
    PackageOptions,
): Promise<string> {
  const { version } = denoConfig;
  const tree = await Deno.makeTempDir({ prefix: "imageproxy-deb-" });
  try {
    await Deno.chmod(tree, 0o755);
    const { size } = await Deno.stat(program);
    const put = async (path: string, text: string, mode = 0o644) => {
      const place = `${tree}/${path}`;
      await Deno.mkdir(place.slice(0, place.lastIndexOf("/")), { recursive: true, mode: 0o755 });
      await Deno.writeTextFile(place, text);
      await Deno.chmod(place, mode);
    };
    const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));
    const kilobytes = Math.ceil(size / 1024);
    await put("DEBIAN/control", control({ version, architecture, maintainer, kilobytes }));
    await put("DEBIAN/conffiles", "/etc/imageproxy.env\n");
    await put("DEBIAN/postinst", POSTINST, 0o755);
    await put("DEBIAN/prerm", PRERM, 0o755);
    await put("DEBIAN/postrm", POSTRM, 0o755);
    await put("etc/imageproxy.env", ENVIRONMENT, 0o640);
    await put(
      "usr/lib/systemd/system/imageproxy.service",
      unitOfPackage(await read("deploy/imageproxy.service")),
    );
    await put("usr/share/doc/imageproxy/copyright", `${await read("LICENSE")}\n${licences}`);
    await put("usr/share/doc/imageproxy/changelog", await read("CHANGELOG.md"));
    await put(
      "usr/share/doc/imageproxy/examples/imageproxy.json",
      await read("imageproxy.example.json"),
    );
    await put("usr/share/bash-completion/completions/imageproxy", await completions("bash"));
    await put("usr/share/zsh/vendor-completions/_imageproxy", await completions("zsh"));
    await put(
      "usr/share/fish/vendor_completions.d/imageproxy.fish",
      await completions("fish"),
    );
    await Deno.mkdir(`${tree}/usr/bin`);
    await Deno.copyFile(program, `${tree}/usr/bin/imageproxy`);
    await Deno.chmod(`${tree}/usr/bin/imageproxy`, 0o755);
    const file = `${folder}/imageproxy_${version}_${architecture}.deb`;
    await run("dpkg-deb", ["--root-owner-group", "-Zgzip", "--build", tree, file]);
    return file;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

/** Whether packages can be made here. */
export async function canPackage(): Promise<boolean> {
  try {
    return (await new Deno.Command("dpkg-deb", { args: ["--version"], stdout: "null" }).output())
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function control(
  { version, architecture, maintainer, kilobytes }:
    & Record<"version" | "architecture" | "maintainer", string>
    & { kilobytes: number },
): string {
  return `Package: imageproxy
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.31), libgcc-s1
Section: web
Priority: optional
Description: caching image proxy
 Fetches remote images, resizes, crops and converts them, and serves and keeps
 the results. Pictures are decoded in WebAssembly, in a process that holds no
 permission.
`;
}

/** Packages do not install into /usr/local. */
function unitOfPackage(unit: string): string {
  const found = unit.replaceAll("/usr/local/bin/", "/usr/bin/");
  if (found === unit) throw new Error("The unit starts no program of /usr/local/bin");
  // Its first comment tells how to install by hand.
  return found.slice(found.indexOf("[Unit]"));
}

async function completions(shell: string): Promise<string> {
  const main = new URL("main.ts", ROOT).pathname;
  return await run(Deno.execPath(), ["run", "--quiet", "--no-prompt", main, "completions", shell]);
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args] }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${program} failed: ${new TextDecoder().decode(stderr).trim()}`);
}
