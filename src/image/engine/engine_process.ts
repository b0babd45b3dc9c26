// The engine's process as the server sees it: the program itself under a hidden command, which is started,
// connects its workers, and can be killed at any time.
import { ENGINE_COMMAND, V8_FLAGS } from "./engine_command.ts";
import type { FontPlace } from "../fonts/font_set.ts";
import type { ImageLimits } from "../plan/job.ts";
import type { EngineOrders, EngineState, Hello, Order, Report } from "./messages.ts";
import { createFrameReader, createFrameWriter } from "./wire.ts";

/** Milliseconds in which it is ready to start workers, or is killed. */
const START_WITHIN_MS = 30_000;
/** Characters of what it wrote on stderr that are kept for the log. */
const LAST_WORDS = 600;

export interface EngineOptions {
  /** Workers at most. */
  workers: number;
  /** What the engine of each worker refuses of itself. */
  limits: ImageLimits;
  /** Bytes that the engine of one worker can ever take. */
  memoryCeiling: number;
  /** The operator's fonts, beside the built-in ones; none unless told. */
  fonts?: readonly FontPlace[] | undefined;
  /** The program's main module, from source: a test's own, which hosts other workers. */
  main?: URL;
  /** Told of all that worker number `worker` says; the picture follows `done`. */
  onReport(worker: number, report: Report, bodies: readonly Uint8Array<ArrayBuffer>[]): void;
  /** Told now and then how many bytes of memory the process takes, and its seconds on processors so far. */
  onState(state: Pick<EngineState, "memory" | "processorSeconds">): void;
  /** Told once that it has ended, and why, in words for the log. */
  onEnd(cause: string): void;
}

export interface EngineProcess {
  /** Sends an order to a worker, when that is connected; pictures follow a transform. */
  order(worker: number, order: Order, bodies?: readonly Uint8Array[]): void;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** Resolves when it has ended and nothing of it is left. */
  readonly ended: Promise<void>;
}

/** Whether a process can start workers at any time: from source, what it may read then is what it has loaded. */
export const STARTS_LATER: boolean = Deno.build.standalone;

/** How many workers a process can start in its life: more than there are where one can take another's place. */
export function startsInALife(workers: number): number {
  return STARTS_LATER ? Infinity : workers;
}

/**
 * For glibc: what is freed goes back to the system, also the large pieces that V8's compilers take. Without it
 * an engine at rest takes some 45 MB more. The server's own is up to whoever starts it, as the files of deploy/ do.
 */
export const GIVE_MEMORY_BACK = { MALLOC_TRIM_THRESHOLD_: "131072" };
/**
 * For glibc: threads share what has been freed, where a further worker takes 36 MB instead of 30 if each keeps its own.
 * What V8's compilers take comes in pieces of up to 32 KB, and what lies between pieces in use is never given back: as
 * mappings of their own they are, which is 3 MB less for each worker. Pictures are made no slower by either.
 */
const SHARE_MEMORY = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "16384" };
/** Its last words go into a log: Deno colours them even where they are written to a pipe. */
const PLAIN_WORDS = { NO_COLOR: "1" };

/** Starts the process. Throws where that is not allowed; later failures are its end. */
export function spawnEngine(options: EngineOptions): EngineProcess {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const token = crypto.getRandomValues(new Uint8Array(32)).toHex();
  let child: Deno.ChildProcess;
  try {
    child = commandOf(options.main).spawn();
  } catch (error) {
    listener.close();
    throw error;
  }
  const desks = Array.from({ length: options.workers }, () => Promise.withResolvers<Sender>());
  // Orders to a process that ends wait for nothing.
  for (const { promise } of desks) promise.catch(() => {});
  /** All that are open, and those of them that have not shown the token yet. */
  const connections = new Set<Deno.TcpConn>(), strangers = new Set<Deno.TcpConn>();
  let lastWords = "";
  let whyKilled: string | undefined;
  const startTimer = setTimeout(() => kill("It did not start in time"), START_WITHIN_MS);

  async function acceptWorkers(): Promise<void> {
    let connected = 0;
    for await (const connection of listener) {
      connections.add(connection);
      strangers.add(connection);
      void greet(connection).then((isWorker) => {
        if (!isWorker || ++connected < options.workers) return;
        clearTimeout(startTimer);
        listener.close();
        strangers.forEach(hangUp);
      });
    }
  }

  function hangUp(connection: Deno.TcpConn): void {
    strangers.delete(connection);
    if (connections.delete(connection)) connection.close();
  }

  /** Hears a connection out; one that does not begin with the token is nobody's. */
  async function greet(connection: Deno.TcpConn): Promise<boolean> {
    const receive = createFrameReader(connection);
    const hello = (await receive().catch(() => undefined))?.head as Hello | undefined;
    const desk = hello?.token === token ? desks[hello.worker] : undefined;
    if (!desk) {
      hangUp(connection);
      return false;
    }
    strangers.delete(connection);
    connection.setNoDelay();
    desk.resolve(createFrameWriter(connection));
    void hear(hello!.worker, receive);
    return true;
  }

  async function hear(worker: number, receive: ReturnType<typeof createFrameReader>) {
    try {
      for (let frame = await receive(); frame; frame = await receive()) {
        options.onReport(worker, frame.head as Report, frame.bodies);
      }
    } catch (error) {
      kill(`It talked nonsense: ${error}`);
    }
  }

  function kill(cause: string): void {
    whyKilled ??= cause;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
  }

  const orders: EngineOrders = {
    port: (listener.addr as Deno.NetAddr).port,
    token,
    workers: options.workers,
    limits: options.limits,
    memoryCeiling: options.memoryCeiling,
    fonts: options.fonts ?? [],
  };
  const accepted = acceptWorkers().catch(() => {});
  // Stays open: its end is how the engine hears of the server's.
  const stdin = child.stdin.getWriter();
  stdin.write(new TextEncoder().encode(JSON.stringify(orders) + "\n")).catch(() => {});
  const told = eachLine(child.stdout, (line) => {
    const { permissions, ...state } = JSON.parse(line) as EngineState;
    if (permissions.length > 0) kill(`It still held the permissions ${permissions.join()}`);
    options.onState(state);
  }).catch((error) => kill(`It talked nonsense: ${error}`));
  const complained = eachLine(child.stderr, (line) => {
    lastWords = `${lastWords}${line}\n`.slice(-LAST_WORDS);
  });

  const ended = (async () => {
    const { code, signal } = await child.status;
    await Promise.all([told, complained]);
    clearTimeout(startTimer);
    for (const { reject } of desks) reject(new Error("The engine has ended"));
    try {
      listener.close();
    } catch {
      // It is closed once all workers are connected.
    }
    await accepted;
    connections.forEach(hangUp);
    await stdin.close().catch(() => {});
    const words = lastWords.trim();
    options.onEnd(
      (whyKilled ?? (signal ? `It was ended by ${signal}` : `It ended with code ${code}`)) +
        (words ? `, saying ${JSON.stringify(words)}` : ""),
    );
  })();

  return {
    order(worker, order, bodies) {
      desks[worker]!.promise.then((send) => send(order, bodies)).catch(() => {});
    },
    kill: () => kill("The server ended it"),
    ended,
  };
}

type Sender = ReturnType<typeof createFrameWriter>;

/** The program itself, with nothing of the server's environment. */
function commandOf(main = new URL("../../../main.ts", import.meta.url)): Deno.Command {
  const { args, env } = Deno.build.standalone ? { args: [], env: {} } : fromSource(main);
  return new Deno.Command(ownPath(), {
    args: [...args, ENGINE_COMMAND],
    env: {
      ...env,
      ...PLAIN_WORDS,
      ...(Deno.build.os === "linux" && { ...GIVE_MEMORY_BACK, ...SHARE_MEMORY }),
    },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Linux has a name for what runs that needs no path; elsewhere it is a name on PATH, or the program's own path. */
function ownPath(): string {
  if (Deno.build.os === "linux") return "/proc/self/exe";
  return Deno.build.standalone ? Deno.execPath() : "deno";
}

/** What tells deno where its packages lie: by the registry that they came from, in one of these folders. */
const PACKAGE_VARIABLES = [
  ...["DENO_DIR", "XDG_CACHE_HOME", "HOME", "USERPROFILE", "LOCALAPPDATA"],
  "NPM_CONFIG_REGISTRY",
];

/** What deno needs to find its packages again, and no more: what is not allowed here cannot be given up there. */
function fromSource(main: URL): { args: string[]; env: Record<string, string> } {
  const env = PACKAGE_VARIABLES.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check", "--cached-only", `--v8-flags=${V8_FLAGS}`],
      ...["--allow-read", "--allow-net=127.0.0.1"],
      main.href,
    ],
    env: Object.fromEntries(env),
  };
}

async function eachLine(
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
