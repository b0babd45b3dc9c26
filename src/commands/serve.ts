// The server as a process: how it starts, what signals mean to it, and how it ends.
import { ALL_SETTINGS, type CommandSpec, type FlagValues } from "./terminal/command_line.ts";
import type { Config } from "../settings/table.ts";
import type { ReportingLog } from "../ops/error_reports.ts";
import { createLog, createStreamSink, type Log } from "../ops/log.ts";
import { createTelemetry, wantsTelemetry } from "../ops/telemetry.ts";
import type { RunningServer } from "../server/server.ts";
import { versions } from "../version.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";

export const serve: CommandSpec = {
  name: "serve",
  operands: "",
  summary: "Serve images; what happens without a command",
  settings: ALL_SETTINGS,
  flags: { version: { summary: "Does nothing; kept for the Go program's users" } },
  async run({ settings, flags }) {
    if (flags.version !== undefined) printProblems(["Warning: -version does nothing here"]);
    const { config, problems } = await currentConfig(settings);
    if (problems.length > 0) {
      printProblems(problems);
      return 1;
    }
    const log = await logFor(config);
    let server: RunningServer;
    try {
      const { startServers } = await import("../server/parallel.ts");
      const { readRules } = await import("../serving/image_server.ts");
      const telemetry = await createTelemetry((name) => Deno.env.get(name));
      if (!telemetry && wantsTelemetry((name) => Deno.env.get(name))) {
        log.event(
          "warning",
          "OTEL_DENO is set, but this program was compiled without it: nothing is exported",
        );
      }
      server = await startServers({
        ...await readRules(config, Deno),
        log,
        telemetry,
        env: (name) => Deno.env.get(name),
      });
    } catch (error) {
      printProblems([messageOf(error)]);
      return 1;
    }
    surviveRejections(log);
    onSignal("SIGHUP", () => reload(server, { settings, log }));
    const ended = stopped(server, log);
    // Whoever reads this may send a signal at once, so the listeners are there before.
    console.log(`imageproxy listening on ${server.url}`);
    if (server.adminUrl) console.log(`imageproxy's metrics and health are on ${server.adminUrl}`);
    const code = await ended;
    await log.sent?.();
    log.flush();
    return code;
  },
};

async function logFor({ logFormat, sentryDsn }: Config): Promise<Log & Partial<ReportingLog>> {
  const format = logFormat === "auto" ? (Deno.stderr.isTerminal() ? "text" : "json") : logFormat;
  // With OpenTelemetry, what goes through the console is exported as well.
  const sink = Deno.env.get("OTEL_DENO")
    ? { write: (text: string) => console.error(text.trimEnd()), flush: () => {} }
    : createStreamSink(Deno.stderr);
  const log = createLog({ format, now: Date.now, sink });
  if (!sentryDsn) return log;
  const { reportErrors } = await import("../ops/error_reports.ts");
  return reportErrors(log, {
    target: sentryDsn,
    version: versions(undefined).version,
    serverName: await Deno.readTextFile("/etc/hostname").then((text) => text.trim(), () => ""),
  });
}

/** Reads the files anew; what is wrong in them leaves everything as it was. */
async function reload(
  server: RunningServer,
  { settings, log }: { settings: FlagValues; log: Log },
): Promise<void> {
  const { config, problems } = await currentConfig(settings);
  try {
    if (problems.length > 0) throw new Error(problems.join("; "));
    const { readRules } = await import("../serving/image_server.ts");
    const ignored = server.reload(await readRules(config, Deno));
    const later = ignored.length > 0 ? `; only a restart changes ${ignored.join(", ")}` : "";
    log.event("info", `Reloaded${later}`);
  } catch (error) {
    log.event("error", `Not reloaded, all stays as it was: ${messageOf(error)}`);
  }
}

/** Resolves when the server has stopped after the first signal; a second one ends the process at once. */
function stopped(server: RunningServer, log: Log): Promise<number> {
  let stopping = false;
  return new Promise((resolve) => {
    for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15]] as const) {
      onSignal(signal, () => {
        if (stopping) {
          log.flush();
          Deno.exit(128 + number);
        }
        stopping = true;
        log.event("info", `Stopping on ${signal}`);
        server.close().then(() => resolve(0), (error) => {
          log.event("error", `Not stopped in good order: ${messageOf(error)}`);
          resolve(1);
        });
      });
    }
  });
}

/** Systems without a signal have no use for its listener. */
function onSignal(signal: Deno.Signal, listener: () => void): void {
  try {
    Deno.addSignalListener(signal, listener);
  } catch {
    if (Deno.build.os !== "windows") throw new Error(`Cannot listen for ${signal}`);
  }
}

/** One forgotten promise, in whatever library, is no reason to drop everyone else's requests. */
function surviveRejections(log: Log): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event;
    const text = reason instanceof Error ? reason.stack ?? reason.message : String(reason);
    log.event("error", `Unhandled rejection: ${text}`);
  });
}
