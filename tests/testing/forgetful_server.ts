// The program with a part that forgets to handle a rejected promise, whenever SIGUSR1 tells it to.
import { dispatch } from "../../src/commands/dispatch.ts";

Deno.addSignalListener("SIGUSR1", () => void Promise.reject(new Error("forgotten")));
Deno.exit(await dispatch(Deno.args));
