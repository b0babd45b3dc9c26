// The engine's processes as whoever watches the machine sees them, on Linux.

/** The process ids of the engines that a process has started. */
export async function enginesOf(parent: number): Promise<number[]> {
  const rows = await show(
    `grep -lzx engine /proc/[0-9]*/cmdline | sed 's/cmdline$/stat/' | xargs -r cat`,
  );
  return rows.map(fields).filter(({ rest }) => Number(rest[1]) === parent).map(({ pid }) => pid);
}

/** Hundredths of a second that a process has spent on processors; 0 where it has ended. */
export async function ticks(pid: number): Promise<number> {
  const [row] = await show(`cat /proc/${pid}/stat`);
  if (row === undefined) return 0;
  const [user, system] = fields(row).rest.slice(11, 13).map(Number);
  return user! + system!;
}

/** What stands in /proc/[pid]/stat (proc(5)) behind the name: the state first, then the parent. */
function fields(row: string): { pid: number; rest: string[] } {
  const rest = row.slice(row.lastIndexOf(")") + 2).trim().split(" ");
  return { pid: parseInt(row), rest };
}

/** The lines that a shell prints: Deno itself lets only programs with all permissions look at /proc. */
async function show(script: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}
