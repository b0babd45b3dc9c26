// The command line: hands its words to a command and sets the exit code. The engine's process, which the
// server starts of itself, loads nothing of what else the program can do.
import { ENGINE_COMMAND } from "./src/image/engine/engine_command.ts";

if (import.meta.main) {
  if (Deno.args.length === 1 && Deno.args[0] === ENGINE_COMMAND) {
    const { hostEngine } = await import("./src/image/engine/host.ts");
    await hostEngine();
    Deno.exit(0);
  }
  const { dispatch } = await import("./src/commands/dispatch.ts");
  Deno.exit(await dispatch(Deno.args));
}
