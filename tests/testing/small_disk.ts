// A file system of its own, which only root may mount, and only on Linux.

/** Why none can be mounted here; undefined if one can. */
export const noMount: string | undefined = Deno.build.os !== "linux"
  ? "tmpfs is a file system of Linux"
  : Deno.uid() !== 0
  ? "only root may mount"
  : await mountFails();

export interface Mounted extends AsyncDisposable {
  path: string;
  /** Mounts it anew with other options, what is in it kept. */
  remount(options: string): Promise<void>;
}

/** Mounts an empty tmpfs with options such as `size=1m,nr_inodes=50`. */
export async function mountTmpfs(options: string): Promise<Mounted> {
  const path = await Deno.makeTempDir();
  await run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", path]);
  return {
    path,
    remount: (options) => run("mount", ["-o", `remount,${options}`, path]),
    async [Symbol.asyncDispose]() {
      await run("umount", ["--lazy", path]);
      await Deno.remove(path);
    },
  };
}

async function mountFails(): Promise<string | undefined> {
  try {
    await using _disk = await mountTmpfs("size=64k");
    return undefined;
  } catch (error) {
    return `cannot mount: ${error instanceof Error ? error.message : error}`;
  }
}

async function run(command: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdout: "null" }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}
