// What the program may do is written once, in the start task of deno.json. Whatever else starts or
// compiles it takes the list from there.
import denoConfig from "../deno.json" with { type: "json" };

/**
 * The flags between `deno run` and `main.ts` of the start task, less the quotes without which older releases
 * take `*` for names of files. `--cached-only` is not among them: it permits nothing, and is there because
 * the task itself has every package fetched before, while `deno run` fetches what the registry tells of each
 * package beside. Throws where the task has another shape.
 */
export function startPermissions(task: string = denoConfig.tasks.start): string[] {
  const flags = /^deno run (?:--cached-only )?((?:--\S+ )+)main\.ts$/.exec(task)?.[1]?.trim()
    .replaceAll("'", "")
    .split(" ");
  if (!flags?.every((flag) => /^--(?:no-prompt$|(?:allow|deny)-\w+(?:=|$))/.test(flag))) {
    throw new Error(`Cannot read the permissions of the start task ${JSON.stringify(task)}`);
  }
  return flags;
}

/**
 * The same flags for the compiled program, which may start nothing but itself: on Linux by the name that the
 * kernel has for what runs. Other systems have none; there it is what PATH finds under one of the names that
 * the program is given out as, or lies under it in the folder where it is started.
 */
export function compiledPermissions(
  { os, names, flags = startPermissions() }: {
    os: "linux" | "other";
    names: readonly string[];
    flags?: readonly string[];
  },
): string[] {
  const own = os === "linux" ? ["/proc/self/exe"] : names.flatMap((name) => [name, `./${name}`]);
  return flags.map((flag) => flag.startsWith("--allow-run=") ? `--allow-run=${own.join()}` : flag);
}
