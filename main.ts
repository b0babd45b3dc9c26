// The command line: reads flags and variables, runs the server, sets the exit code.
import { createProgram, type FlagValues, normaliseArguments } from "./src/command_line.ts";
import { type Config, resolveConfig } from "./src/config.ts";
import { startServer } from "./src/server.ts";
import { readSignatureKeys } from "./src/signature_keys.ts";
import type { LogEntry } from "./src/app.ts";
import denoConfig from "./deno.json" with { type: "json" };

async function serve(flags: FlagValues): Promise<void> {
  const { config, problems } = resolveConfig(flags, (name) => Deno.env.get(name));
  if (problems.length > 0) return fail(problems);
  try {
    const signatureKeys = await readSignatureKeys(config.signatureKey, Deno.readFile);
    const server = await startServer({
      config,
      signatureKeys,
      log: createLog(config),
      warn: (message, cause) =>
        console.error(`imageproxy: ${message}${cause === undefined ? "" : `: ${cause}`}`),
      env: (name) => Deno.env.get(name),
    });
    const stop = async () => {
      await server.close();
      Deno.exit(0);
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, stop);
    console.log(`imageproxy listening on ${server.url}`);
  } catch (error) {
    fail([(error as Error).message]);
  }
}

function fail(problems: readonly string[]): never {
  for (const problem of problems) console.error(`imageproxy: ${problem}`);
  Deno.exit(1);
}

/** With -verbose every request is a line on stderr; failures of the server itself always are. */
function createLog({ verbose }: Config): (entry: LogEntry) => void {
  return ({ cause, ...entry }) => {
    if (!verbose && entry.status !== 500) return;
    console.error(JSON.stringify(cause === undefined ? entry : { ...entry, cause: String(cause) }));
  };
}

if (import.meta.main) {
  await createProgram(denoConfig.version, serve).parseAsync(normaliseArguments(Deno.args), {
    from: "user",
  });
}
