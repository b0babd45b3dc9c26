// What the program may do is written once, in the start task of deno.json. Whatever else starts or
// compiles it takes the list from there.
import denoConfig from "../deno.json" with { type: "json" };

/** The flags between `deno run` and `main.ts` of the start task. Throws where the task has another shape. */
export function startPermissions(task: string = denoConfig.tasks.start): string[] {
  const flags = /^deno run ((?:--\S+ )+)main\.ts$/.exec(task)?.[1]?.trim().split(" ");
  if (!flags?.every((flag) => /^--(?:no-prompt$|(?:allow|deny)-\w+(?:=|$))/.test(flag))) {
    throw new Error(`Cannot read the permissions of the start task ${JSON.stringify(task)}`);
  }
  return flags;
}
