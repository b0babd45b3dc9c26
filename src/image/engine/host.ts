// The inside of the engine's process: it loads the engine, connects its workers to the server, gives up
// every permission, and only then hears of a picture. It ends with the server, however that ends: its own
// thread does nothing but pass messages on, so that it hears of the end while all workers are busy.
import process from "node:process";
import { createDesk, type Desk } from "./desk.ts";
import { readFonts, readOperatorFonts } from "./wasm/drawing_fonts.ts";
import { readDrawing } from "./wasm/drawing_wasm.ts";
import { compileEngine, readEngine } from "./wasm/engine_wasm.ts";
import type { EngineOrders, EngineState, Hello } from "./messages.ts";
import { openThread, type Thread } from "./thread.ts";
import { readWebpWriter } from "./wasm/webp_wasm.ts";
import { createFrameWriter } from "./wire.ts";

const PERMISSIONS = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;
const STATE_EVERY_MS = 250;

/**
 * Runs the engine until the server ends or closes the process' standard input. Tests have threads of their own,
 * which do what a picture should not be able to make one do.
 */
export async function hostEngine(open: () => Thread = () => openThread()): Promise<void> {
  ignoreSignals();
  const { orders, closed } = await readOrders();
  closed.then(() => Deno.exit(0));
  const [engine, wasm, fonts, operatorFonts, webp, connections, stock] = await Promise.all([
    loadEngine(orders.memoryCeiling),
    readDrawing(),
    readFonts(),
    readOperatorFonts(orders.fonts),
    readWebpWriter(),
    Promise.all(Array.from({ length: orders.workers }, (_, worker) => connect(orders, worker))),
    stockThreads(orders.workers, open),
  ]);
  giveUpPermissions();
  const desks: Desk[] = connections.map((connection) =>
    createDesk({
      connection,
      engine,
      drawing: { wasm, fonts, operatorFonts },
      webp,
      memoryCeiling: orders.memoryCeiling,
      limits: orders.limits,
      openThread: stock,
      desk: (worker) => desks[worker]!,
    })
  );
  const serving = desks.map((desk) => desk.serve());
  void tellState();
  // One connection ends where the server does, or where it has heard nonsense.
  await Promise.race(serving).catch(() => {});
}

/** The server ends the engine. What a terminal or a supervisor sends to all processes is not meant for it. */
function ignoreSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    try {
      Deno.addSignalListener(signal, () => {});
    } catch {
      // Windows has not all of them.
    }
  }
}

/** The line of orders, and when the standard input ends. */
async function readOrders(): Promise<{ orders: EngineOrders; closed: Promise<void> }> {
  const chunk = new Uint8Array(65_536);
  let line = "";
  while (!line.includes("\n")) {
    const count = await Deno.stdin.read(chunk);
    if (count === null) Deno.exit(0);
    line += new TextDecoder().decode(chunk.subarray(0, count));
  }
  const closed = (async () => {
    while (await Deno.stdin.read(chunk).catch(() => null) !== null);
  })();
  return { orders: JSON.parse(line), closed };
}

async function loadEngine(memoryCeiling: number): Promise<WebAssembly.Module> {
  return await compileEngine(await readEngine(), memoryCeiling);
}

async function connect({ port, token }: EngineOrders, worker: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay();
  const hello: Hello = { token, worker };
  await createFrameWriter(connection)(hello);
  return connection;
}

/**
 * Opens threads when they are wanted, as only a compiled program can without permission to read. From source,
 * all that there will be are opened now, and wait.
 */
async function stockThreads(count: number, open: () => Thread): Promise<() => Thread> {
  if (Deno.build.standalone) return open;
  const stock = Array.from({ length: count }, () => open());
  await Promise.all(stock.map(({ loaded }) => loaded));
  return () => {
    const thread = stock.pop();
    if (!thread) throw new Error("From source no further thread can be opened");
    return thread;
  };
}

function giveUpPermissions(): void {
  for (const name of PERMISSIONS) {
    Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
  }
}

/** The permissions that the process holds. */
function heldPermissions(): string[] {
  return PERMISSIONS.filter((name) => {
    const { state } = Deno.permissions.querySync({ name } as Deno.PermissionDescriptor);
    return state === "granted";
  });
}

/** Tells the server now and then what only the process itself may know. */
async function tellState(): Promise<void> {
  for (;;) {
    const { user, system } = process.cpuUsage();
    const state: EngineState = {
      memory: Deno.memoryUsage().rss,
      processorSeconds: (user + system) / 1e6,
      permissions: heldPermissions(),
    };
    await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(state) + "\n"));
    await new Promise((resolve) => setTimeout(resolve, STATE_EVERY_MS));
  }
}
