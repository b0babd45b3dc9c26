// Real servers for the tests of the backends: each is started on a free loopback port by the test
// that needs it and stopped after. scripts/test_servers.sh installs them and names them by variables.

/** A server in a process of its own. */
export interface TestServer {
  port: number;
  /** SIGKILLs the process, for tests of what happens then. */
  stop(): Promise<void>;
}

/** A port that nothing listens on now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Why the program named by the variable cannot be run; undefined if it can. */
export function missing(variable: string): string | undefined {
  const path = Deno.env.get(variable);
  if (!path) return `${variable} is not set, see scripts/test_servers.sh`;
  return undefined;
}

export interface ServerOptions {
  /** The program; the one that the variable names, if not given. */
  command?: string;
  port?: number;
  args: (port: number, directory: string) => string[];
  env?: (port: number) => Record<string, string>;
}

/** Starts the program that the variable names, and waits until its port answers. */
export async function startServer(variable: string, options: ServerOptions): Promise<TestServer> {
  const { port = freePort(), command = Deno.env.get(variable)!, args, env } = options;
  const directory = await Deno.makeTempDir();
  const child = new Deno.Command(command, {
    args: args(port, directory),
    cwd: directory,
    ...(env ? { env: env(port) } : {}),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = child.status.then(() => ended = true);

  async function stop(): Promise<void> {
    if (!ended) child.kill("SIGKILL");
    await status;
    await Deno.remove(directory, { recursive: true });
  }

  const deadline = Date.now() + 120_000;
  while (!await answers(port)) {
    if (ended || Date.now() > deadline) {
      await stop();
      throw new Error(`${variable} did not begin to listen on port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { port, stop };
}

async function answers(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

/** The bucket that the S3 servers of the tests have. */
export const S3_BUCKET = "images";
const RUN_S3RVER = `
  const S3rver = require(process.argv[1]);
  const [, , port, directory] = process.argv;
  new S3rver({
    address: "127.0.0.1", port: Number(port), directory, silent: true,
    configureBuckets: [{ name: "${S3_BUCKET}" }],
  }).run();
`;

/** An S3 server that verifies signatures; its credentials are S3RVER and S3RVER. */
export function startS3rver(port?: number): Promise<TestServer> {
  return startServer("S3RVER", {
    ...(port === undefined ? {} : { port }),
    command: "node",
    // Its continuation tokens are made with DES.
    args: (
      port,
      directory,
    ) => [
      "--openssl-legacy-provider",
      "-e",
      RUN_S3RVER,
      Deno.env.get("S3RVER")!,
      `${port}`,
      directory,
    ],
  });
}

/** An S3 server that has the same bucket, and verifies nothing. */
export async function startMoto(): Promise<TestServer> {
  const server = await startServer("MOTO_SERVER", {
    args: (port) => ["-H", "127.0.0.1", "-p", `${port}`],
  });
  const url = `http://127.0.0.1:${server.port}/${S3_BUCKET}`;
  await (await fetch(url, { method: "PUT" })).body?.cancel();
  return server;
}

/** An Azure Blob Storage that knows one account, with a key in base64. */
export function startAzurite(
  { account, key, port }: { account: string; key: string; port?: number },
): Promise<TestServer> {
  return startServer("AZURITE_BLOB", {
    ...(port === undefined ? {} : { port }),
    args: (port, directory) => [
      ...["--blobHost", "127.0.0.1", "--blobPort", `${port}`, "--location", directory],
      ...["--disableTelemetry", "--silent", "--skipApiVersionCheck"],
    ],
    env: () => ({ AZURITE_ACCOUNTS: `${account}:${key}` }),
  });
}

/** Starts a Redis server that keeps nothing on disk. */
export function startRedis(port?: number): Promise<TestServer> {
  return startServer("REDIS_SERVER", {
    ...(port === undefined ? {} : { port }),
    args: (
      port,
    ) => ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
  });
}
