// The command line: hands its words to a command and sets the exit code.
import { dispatch } from "./src/commands/dispatch.ts";

if (import.meta.main) {
  Deno.exit(await dispatch(Deno.args));
}
