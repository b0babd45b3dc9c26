// Makes everything that a release consists of, in dist/: the program for every target whose runtime base can
// be had, Debian packages of it where dpkg-deb is installed, the list of what it is made of, the licences of
// those parts, and SHA-256 checksums of it all. `deno task release`; with targets as arguments, only those.
// RELEASES says where releases are published, as https://host/owner/name/releases: with it, the install script
// and the Homebrew formula are made too. PACKAGE_MAINTAINER is whom packages name.
import denoConfig from "../deno.json" with { type: "json" };
import { compile, type Target, TARGETS } from "./compile.ts";
import { ARCHITECTURES, canPackage, makeDebianPackage } from "./debian_package.ts";
import { createFormula } from "./homebrew_formula.ts";
import { createSbom, type LockFile, shippedPackages } from "./sbom.ts";

async function release(targets: readonly Target[]): Promise<Target[]> {
  const failed: Target[] = [];
  const made: string[] = [];
  for (const target of targets) {
    const output = `dist/${TARGETS[target]}`;
    try {
      await compile({ target, output });
      made.push(output);
      console.log(`${output}: ${((await Deno.stat(output)).size / 1e6).toFixed(1)} MB`);
    } catch (error) {
      failed.push(target);
      console.error(`${target} could not be made: ${reasonOf(error)}`);
    }
  }
  const maintainer = Deno.env.get("PACKAGE_MAINTAINER");
  const lock: LockFile = JSON.parse(await Deno.readTextFile("deno.lock"));
  const packages = shippedPackages(lock, Object.values(denoConfig.imports));
  const sbom = createSbom({ name: "imageproxy", version: denoConfig.version, lock, packages });
  await Deno.writeTextFile("dist/imageproxy.cdx.json", JSON.stringify(sbom, null, 2) + "\n");
  const licences = await licencesOf(packages);
  await Deno.writeTextFile("dist/THIRD_PARTY_LICENCES.txt", licences);
  const files = [...made, "dist/imageproxy.cdx.json", "dist/THIRD_PARTY_LICENCES.txt"];
  if (await canPackage()) {
    for (const [target, architecture] of Object.entries(ARCHITECTURES)) {
      const program = `dist/${TARGETS[target as Target]}`;
      if (!made.includes(program)) continue;
      const options = { program, architecture, folder: "dist", licences };
      files.push(await makeDebianPackage({ ...options, ...(maintainer && { maintainer }) }));
    }
  } else console.error("No Debian package could be made: dpkg-deb is not installed");
  const checksums = new Map<string, string>();
  for (const path of files) checksums.set(path.slice("dist/".length), await sha256(path));
  await Deno.writeTextFile("dist/SHA256SUMS", sumsOf(checksums));
  const releases = Deno.env.get("RELEASES");
  if (releases) await writeInstallers(releases, checksums);
  console.log(`dist/SHA256SUMS: ${files.length} files, ${packages.length} packages`);
  return failed;
}

function sumsOf(checksums: ReadonlyMap<string, string>): string {
  return [...checksums].map(([name, sum]) => `${sum}  ${name}\n`).join("");
}

/** What leads users to the files of the release, where it is published. */
async function writeInstallers(
  releases: string,
  checksums: ReadonlyMap<string, string>,
): Promise<void> {
  const script = await Deno.readTextFile("deploy/install.sh");
  await Deno.writeTextFile("dist/install.sh", script.replaceAll("@RELEASES@", releases));
  const formula = createFormula({ version: denoConfig.version, releases, checksums });
  await Deno.writeTextFile("dist/imageproxy.rb", formula);
}

/** The licence and notice files of the packages, as they lie in Deno's cache. */
async function licencesOf(packages: readonly string[]): Promise<string> {
  const { npmCache } = JSON.parse(
    new TextDecoder().decode(
      (await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output()).stdout,
    ),
  );
  const texts: string[] = [];
  for await (const registry of Deno.readDir(npmCache)) {
    for (const name of packages) {
      const at = name.lastIndexOf("@");
      const folder = `${npmCache}/${registry.name}/${name.slice(0, at)}/${name.slice(at + 1)}`;
      for (const file of await licenceFiles(folder)) {
        texts.push(
          `${name}: ${file}\n\n${(await Deno.readTextFile(`${folder}/${file}`)).trim()}\n`,
        );
      }
    }
  }
  return texts.join(`\n${"=".repeat(78)}\n\n`);
}

async function licenceFiles(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder)))
      .filter(({ name, isFile }) => isFile && /^(?:licen[cs]e|notice|copying)/i.test(name))
      .map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

/** What deno names as the cause, else the first thing it says. */
function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return /Caused by:\n\s+(?:\d+: )?(.*)/.exec(message)?.[1] ?? message.split("\n")[0]!;
}

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(TARGETS);
  const unknown = wanted.filter((target) => !Object.hasOwn(TARGETS, target));
  if (unknown.length > 0) {
    console.error(`No such target: ${unknown.join(", ")}; there are ${Object.keys(TARGETS)}`);
    Deno.exit(2);
  }
  const failed = await release(wanted as Target[]);
  if (failed.length > 0) console.error(`Not made: ${failed.join(", ")}`);
  if (failed.length === wanted.length) Deno.exit(1);
}
