// The engine's processes as whoever watches the machine sees them, on Linux.

/** The process ids of the engines that a process has started: of all its children but shells. */
export async function enginesOf(parent: number): Promise<number[]> {
  const rows = await show('for it in /proc/[0-9]*; do read -r row < $it/stat && echo "$row"; done');
  return rows.map(fields)
    .filter(({ name, rest }) => Number(rest[1]) === parent && name !== "sh")
    .map(({ pid }) => pid);
}

/** The names of the variables in a process' environment. */
export async function variablesOf(pid: number): Promise<string[]> {
  // Not the tests' own process: Deno shows this to nobody who may not do everything.
  const code = `Deno.stdout.writeSync(Deno.readFileSync("/proc/${pid}/environ"))`;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
  const rows = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  return rows.map((row) => row.slice(0, row.indexOf("="))).toSorted();
}

/** Bytes of memory of a process, what it shares with others counted in part (proc_pid_smaps(5)). */
export async function memoryOf(pid: number): Promise<number> {
  const rows = await show(
    `while read -r row; do echo "$row"; done < /proc/${pid}/smaps_rollup`,
  );
  const row = rows.find((row) => row.startsWith("Pss:")) ?? "";
  return 1024 * Number(/\d+/.exec(row)?.[0]);
}

/** Hundredths of a second that a process has spent on processors; 0 where it has ended. */
export async function ticks(pid: number): Promise<number> {
  const [row] = await show(`read -r row < /proc/${pid}/stat && echo "$row"`);
  if (row === undefined) return 0;
  const [user, system] = fields(row).rest.slice(11, 13).map(Number);
  return user! + system!;
}

/** What stands in /proc/[pid]/stat (proc(5)); behind the name are the state and then the parent. */
function fields(row: string): { pid: number; name: string; rest: string[] } {
  const end = row.lastIndexOf(")");
  const rest = row.slice(end + 2).trim().split(" ");
  return { pid: parseInt(row), name: row.slice(row.indexOf("(") + 1, end), rest };
}

/**
 * The lines that a shell prints, by what is built into it. Deno itself lets only programs with all
 * permissions look at /proc.
 */
async function show(script: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}
