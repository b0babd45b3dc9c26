// Servers as processes of their own, each held to some of the cores, with the memory that they take.

export interface ServerProcess extends AsyncDisposable {
  url: string;
  /** Milliseconds from its start to its first answer. */
  startMs: number;
  pid: number;
  /** Memory of the process and what it started, in bytes: the proportional set size. */
  memory(): number;
}

export interface ProcessOptions {
  command: readonly string[];
  port: number;
  /** The cores that it may use, as `taskset -c` writes them. */
  cores: string;
  env?: Record<string, string>;
}

/** Starts a server and waits until it answers `/`, whatever it answers. */
export async function startProcess(
  { command, port, cores, env = {} }: ProcessOptions,
): Promise<ServerProcess> {
  const started = performance.now();
  const child = new Deno.Command("taskset", {
    args: ["-c", cores, ...command],
    env,
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}`;
  while (performance.now() - started < 20_000) {
    const isUp = await fetch(url).then(async (response) => {
      await response.body?.cancel();
      return true;
    }, () => false);
    if (isUp) {
      return {
        url,
        startMs: performance.now() - started,
        pid: child.pid,
        memory() {
          const { own, engine } = setSizes(child.pid);
          return own + engine;
        },
        async [Symbol.asyncDispose]() {
          child.kill("SIGTERM");
          await child.status;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  child.kill("SIGKILL");
  await child.status;
  throw new Error(`No answer from ${command.join(" ")} after 20 s`);
}

/** A port that nobody listens on now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Holds this process to some of the cores, so that it does not take the servers' time. */
export async function pinSelf(cores: string): Promise<void> {
  await new Deno.Command("taskset", {
    args: ["-a", "-c", "-p", cores, String(Deno.pid)],
    stdout: "null",
  }).output();
}

/** Whether a program of this name can be started. */
export function isInstalled(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Bytes of a process, and of all that it started together. Pages that processes share are counted once (Linux:
 * proc_pid_smaps(5)); one that has just ended has none.
 */
export function setSizes(pid: number): { own: number; engine: number } {
  try {
    const rollup = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
    const own = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
    const children = childrenOf(pid).map(setSizes);
    return { own, engine: children.reduce((sum, child) => sum + child.own + child.engine, 0) };
  } catch (error) {
    if (hasEnded(error)) return { own: 0, engine: 0 };
    throw error;
  }
}

/** Whether that is why there is nothing to read of a process. */
function hasEnded(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    (error instanceof Error && /No such process/.test(error.message));
}

/** Hundredths of a second that a process, and all that it started, have spent on processors (proc_pid_stat(5)). */
export function ticksOf(pid: number): number {
  try {
    const row = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const [user, system] = row.slice(row.lastIndexOf(")") + 2).split(" ").slice(11, 13);
    return childrenOf(pid).reduce(
      (sum, child) => sum + ticksOf(child),
      Number(user) + Number(system),
    );
  } catch (error) {
    if (hasEnded(error)) return 0;
    throw error;
  }
}

/** How many files and sockets a process holds open. */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** What all threads of a process started. */
function childrenOf(pid: number): number[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).trim().split(" ").filter(Boolean)
  ).map(Number);
}
