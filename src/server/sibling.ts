// The inside of a thread that serves beside the main one: a whole server with a share of the limits. What
// concerns the process (signals, the operator's address, the log's output) stays with the main thread.
/// <reference lib="deno.worker" />
import { type Calls, createCalls, type Port } from "./calls.ts";
import type { MainMethods, SiblingMethods } from "./thread_calls.ts";
import { borrow } from "./engine_pool.ts";
import { createTelemetry } from "../ops/telemetry.ts";
import { type RunningServer, startServer } from "./server.ts";

const env = (name: string) => Deno.env.get(name);
let server: RunningServer | undefined;

const methods: SiblingMethods = {
  begun: (id) => engine.methods.begun(id),
  async start(rules) {
    server = await startServer({
      ...rules,
      log: {
        request: (line) => main.tell("request", line),
        event: (level, message) => main.tell("event", { level, message }),
      },
      telemetry: await createTelemetry(env),
      env,
      others: {
        leads: false,
        pool: engine.pool,
        figures: () => main.call("figures", undefined),
        purge: (url) => main.call("purge", url),
      },
    });
  },
  reload: (rules) => void server!.reload(rules),
  figures: () => server!.figures(),
  purge: (url) => server!.purge(url),
  async close() {
    await server?.close();
  },
};

const main: Calls<MainMethods> = createCalls<MainMethods>(self as unknown as Port, methods);
const engine = borrow(main);

// One forgotten promise must not end the thread, and all requests with it.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  main.tell("event", { level: "error", message: `Unhandled rejection: ${event.reason}` });
});
