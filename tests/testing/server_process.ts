// The program as a process of its own, with the permissions of the start task and no variables but those given.
import { startPermissions } from "../../scripts/start_permissions.ts";

// Quiet, or Deno tells of packages that it fetches where the tests look for what the program says.
const RUN = ["run", "--quiet", "--no-check", ...startPermissions()];
const ROOT = new URL("../../", import.meta.url);
const MAIN = new URL("main.ts", ROOT).pathname;

export interface ProgramOptions {
  env?: Readonly<Record<string, string>>;
  /** Permissions beyond those of the start task. */
  allow?: readonly string[];
  stdin?: Uint8Array<ArrayBuffer>;
  cwd?: string;
  /** Another script to run instead of main.ts. */
  script?: string;
}

export interface Output {
  code: number;
  stdout: string;
  stderr: string;
  bytes: Uint8Array;
}

/** Runs the program to its end. */
export async function run(args: readonly string[], options: ProgramOptions = {}): Promise<Output> {
  const child = commandOf(args, options).spawn();
  const writer = child.stdin.getWriter();
  if (options.stdin) await writer.write(options.stdin).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
    bytes: stdout,
  };
}

export interface RunningProgram extends AsyncDisposable {
  /** Where it says that it listens. */
  url: string;
  adminUrl: string;
  /** Lines of stderr so far. */
  lines: string[];
  kill(signal: Deno.Signal): void;
  /** Resolves to the exit code. */
  ended: Promise<number>;
  /** Resolves when a line of stderr matches. */
  says(pattern: RegExp): Promise<string>;
}

/** Starts the server and waits until it listens; it is ended with the test. */
export async function start(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<RunningProgram> {
  const child = commandOf(args, options).spawn();
  await child.stdin.close();
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const reading = readLines(child.stderr, (line) => {
    lines.push(line);
    for (const listener of listeners) listener();
  });
  const urls = { url: "", adminUrl: "" };
  const listening = Promise.withResolvers<void>();
  const wantsAdmin = args.some((argument) => argument.startsWith("-adminAddr"));
  const reader = readLines(child.stdout, (line) => {
    urls.url ||= /listening on (\S+)/.exec(line)?.[1] ?? "";
    urls.adminUrl ||= /metrics and health are on (\S+)/.exec(line)?.[1] ?? "";
    if (urls.url && (urls.adminUrl || !wantsAdmin)) listening.resolve();
  });
  let isOver = false;
  const ended = Promise.all([child.status, reading, reader]).then(([{ code }]) => {
    isOver = true;
    return code;
  });
  await Promise.race([
    listening.promise,
    ended.then((code) => {
      throw new Error(`The program ended with ${code}: ${lines.join("\n")}`);
    }),
  ]);
  return {
    ...urls,
    lines,
    kill: (signal) => child.kill(signal),
    ended,
    says(pattern) {
      return new Promise((resolve) => {
        const look = () => {
          const line = lines.find((candidate) => pattern.test(candidate));
          if (line === undefined) return;
          listeners.delete(look);
          resolve(line);
        };
        listeners.add(look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGKILL");
      await ended;
    },
  };
}

function commandOf(args: readonly string[], options: ProgramOptions): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...RUN, ...options.allow ?? [], options.script ?? MAIN, ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
    ...(options.cwd ? { cwd: options.cwd } : {}),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
  if (rest) onLine(rest);
}
