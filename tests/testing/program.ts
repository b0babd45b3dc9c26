// The program as a process of its own, from source or compiled: what users run, not what tests import.
import { startPermissions } from "../../scripts/start_permissions.ts";

const ROOT = new URL("../../", import.meta.url);

/** What to run, and where it cannot be run, why not. */
export interface Edition {
  name: string;
  command: readonly string[];
  /** The whole environment: what it cannot do without. */
  env: Readonly<Record<string, string>>;
  skipped?: string;
}

export const SOURCE: Edition = {
  name: "source",
  command: [
    Deno.execPath(),
    "run",
    // Or it tells of packages that it fetches, where the tests look for what the program says.
    "--quiet",
    "--no-check",
    ...startPermissions(),
    new URL("main.ts", ROOT).pathname,
  ],
  // Deno itself must find its packages.
  env: Object.fromEntries(
    ["DENO_DIR", "XDG_CACHE_HOME", "HOME", "NPM_CONFIG_REGISTRY"].flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  ),
};

/** What IMAGEPROXY_BINARY names, else dist/imageproxy. */
export const COMPILED: Edition = compiledEdition();

function compiledEdition(): Edition {
  const path = Deno.env.get("IMAGEPROXY_BINARY") ?? new URL("dist/imageproxy", ROOT).pathname;
  const exists = isFile(path);
  return {
    name: "compiled",
    command: [path],
    env: {},
    ...(exists ? {} : { skipped: "no compiled program; deno task compile makes one" }),
  };
}

export interface ProgramOptions {
  args?: readonly string[];
  cwd?: string;
  uid?: number;
}

export interface Program extends AsyncDisposable {
  url: string;
  /** Of its process. */
  pid: number;
  /** Milliseconds from the start to the line that says where it listens. */
  startTime: number;
  /** Everything it wrote so far, both streams. */
  output(): string;
  /** Sends a signal and gives the exit code. */
  stop(signal: Deno.Signal): Promise<number>;
}

/** What startProgram() and runProgram() run. */
export type Runnable = Pick<Edition, "command" | "env">;

/** Starts it on a free port of 127.0.0.1; fails with what it wrote where it ends instead. */
export async function startProgram(
  { command, env }: Runnable,
  { args = [], cwd, uid }: ProgramOptions = {},
): Promise<Program> {
  const started = performance.now();
  const process = spawn([...command, "-addr", "127.0.0.1:0", ...args], { env, cwd, uid });
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      const found = /listening on (http:\/\/[^\s"]+)/.exec(output)?.[1];
      if (found) resolve(found);
    }
  };
  const drained = Promise.all([read(process.stdout), read(process.stderr)])
    .then(() => reject(new Error(`The program ended:\n${output}`)));
  let ended: Promise<number> | undefined;
  const stop = (signal: Deno.Signal) =>
    ended ??= (async () => {
      process.kill(signal);
      const { code } = await endOf(process);
      await drained;
      return code;
    })();
  try {
    return {
      url: await url,
      pid: process.pid,
      startTime: performance.now() - started,
      output: () => output,
      stop,
      [Symbol.asyncDispose]: async () => void await stop("SIGKILL"),
    };
  } catch (error) {
    await process.status;
    throw error;
  }
}

/** Waits until it ends. One that does not within half a minute is killed, so that a test fails. */
async function endOf(process: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  const timer = setTimeout(() => process.kill("SIGKILL"), 30_000);
  try {
    return await process.status;
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a command to its end. */
export async function runProgram(
  { command, env }: Runnable,
  { args = [], cwd }: ProgramOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await commandOf([...command, ...args], { env, cwd }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

type CommandOptions = Pick<Edition, "env"> & {
  cwd: string | undefined;
  uid?: number | undefined;
};

function spawn(command: readonly string[], options: CommandOptions): Deno.ChildProcess {
  return commandOf(command, options).spawn();
}

function commandOf([program, ...args]: readonly string[], { env, cwd, uid }: CommandOptions) {
  return new Deno.Command(program!, {
    args,
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A test of one edition of the program; skipped by name where that is absent. */
export function programTest(
  { name, skipped }: Edition,
  title: string,
  fn: () => Promise<void>,
): void {
  Deno.test({
    name: `the ${name} program ${title}${skipped ? ` (skipped: ${skipped})` : ""}`,
    ignore: skipped !== undefined,
    fn,
  });
}
