// Who takes part: the product as its users start it, and native libvips beside it where it is installed.
import { fileURLToPath } from "node:url";
import { type ContenderName, type PathOf, PATHS } from "./cases.ts";
import { GIVE_MEMORY_BACK } from "../../src/image/engine/engine_process.ts";
import { startPermissions } from "../start_permissions.ts";
import { freePort, isInstalled, type ServerProcess, startProcess } from "./processes.ts";

export interface Contender {
  name: ContenderName;
  pathOf: PathOf;
  /** Starts it on the cores, as `taskset -c` writes them; flags are for the product only. */
  start(cores: string, flags?: readonly string[]): Promise<ServerProcess>;
}

const FOLDER = new URL(".", import.meta.url);
const MAIN = fileURLToPath(new URL("../../main.ts", FOLDER));

/** The product, and those of the others that the folder holds; `skipped` names the rest. */
export function findContenders(native: string): { contenders: Contender[]; skipped: string[] } {
  const contenders: Contender[] = [{ name: "imageproxy", pathOf: PATHS.imageproxy, start: start }];
  const skipped: string[] = [];
  for (const name of ["sharp", "ipx"] as const) {
    if (versionOf(name, native)) contenders.push(nativeContender(name, native));
    else skipped.push(name);
  }
  return { contenders, skipped };
}

/** The version of an npm package in a folder, or undefined where it is not installed. */
export function versionOf(name: string, folder: string): string | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(`${folder}/node_modules/${name}/package.json`)).version;
  } catch {
    return undefined;
  }
}

/** Installs the others; npm runs none of their scripts. */
export async function installNative(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const { success } = await new Deno.Command("npm", {
    args: [
      "install",
      "--prefix",
      folder,
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "sharp",
      "ipx",
    ],
    stdout: "null",
  }).output();
  if (!success) throw new Error(`npm could not install sharp and ipx in ${folder}`);
}

/** Deno.serve alone, answering with so many bytes: what a cached hit is measured against. */
export function startBare(cores: string, bytes: number): Promise<ServerProcess> {
  const port = freePort();
  const script = fileURLToPath(new URL("bare_server.ts", FOLDER));
  const command = [Deno.execPath(), "run", "--allow-net", script, String(port), String(bytes)];
  return startProcess({ command, port, cores });
}

/** The product as it can be started: from source, and compiled where that has been done. */
export function findEditions(): { name: string; start: Contender["start"] }[] {
  const compiled = fileURLToPath(new URL("../../dist/imageproxy", FOLDER));
  const isThere = isFile(compiled);
  return [
    { name: "From source", start },
    ...(isThere
      ? [{
        name: "Compiled",
        start: (cores: string, flags: readonly string[] = []) =>
          startProduct([compiled], { cores, flags }),
      }]
      : []),
  ];
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function start(cores: string, flags: readonly string[] = []): Promise<ServerProcess> {
  const command = [Deno.execPath(), "run", ...startPermissions(), MAIN];
  return startProduct(command, { cores, flags });
}

function startProduct(
  command: readonly string[],
  { cores, flags }: { cores: string; flags: readonly string[] },
): Promise<ServerProcess> {
  const port = freePort();
  return startProcess({
    command: [
      ...command,
      ...["-addr", `127.0.0.1:${port}`, "-allowHosts", "127.0.0.1", ...flags],
    ],
    port,
    cores,
    env: {
      IMAGEPROXY_CACHE: flags.includes("-cache") ? "" : "none",
      // As the image and the systemd unit have it.
      ...GIVE_MEMORY_BACK,
    },
  });
}

function nativeContender(name: "sharp" | "ipx", folder: string): Contender {
  const script = fileURLToPath(new URL("native_server.mjs", FOLDER));
  const runtime = isInstalled("node") ? ["node"] : [Deno.execPath(), "run", "--allow-all"];
  return {
    name,
    pathOf: PATHS[name],
    start(cores) {
      const port = freePort();
      return startProcess({
        command: [...runtime, script, name, String(port), folder],
        port,
        cores,
      });
    },
  };
}
