// Other people's servers as processes of a test: found, started, waited for and ended.

/** Where a command lies on PATH; undefined where it is not installed. */
export function findCommand(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

export interface RunningCommand extends AsyncDisposable {
  output(): string;
}

/** Starts a server and waits until it accepts connections on `port`; fails with what it wrote if it ends. */
export async function startCommand(
  [program, ...args]: readonly string[],
  { port, env = {} }: { port: number; env?: Readonly<Record<string, string>> },
): Promise<RunningCommand> {
  const process = new Deno.Command(program!, {
    args,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) output += text;
  };
  const drained = Promise.all([read(process.stdout), read(process.stderr)]);
  let ended = false;
  const status = process.status.finally(() => ended = true);
  const running = {
    output: () => output,
    async [Symbol.asyncDispose]() {
      if (!ended) process.kill("SIGTERM");
      await status;
      await drained;
    },
  };
  for (let tries = 0; tries < 200; tries++) {
    if (ended) break;
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return running;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await running[Symbol.asyncDispose]();
  throw new Error(`${program} does not listen on port ${port}:\n${output}`);
}

/** A port that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
