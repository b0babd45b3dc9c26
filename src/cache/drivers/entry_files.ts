// Entries as files: written aside and renamed, so that readers and crashes never see half of one, and
// whatever else has come to lie in an entry's place makes way.

export interface EntryFiles {
  /** Undefined if there is none. What is no file is removed, and as none: to open a FIFO would wait for ever. */
  stat(path: string): Promise<{ bytes: number; touchedMs: number } | undefined>;
  /** What `stat` has found; undefined if it is gone again. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Replaces the file at once; makes the folders that it needs. */
  write(path: string, value: Uint8Array): Promise<void>;
  /** Removes what is there, folders with all that they hold. */
  remove(path: string): Promise<void>;
  /** Files that a killed writer left. Another process that writes one at the moment has to write it again. */
  removeLeftovers(): Promise<void>;
  /** Rejects where nothing can be written, and leaves nothing. */
  tryToWrite(): Promise<void>;
}

const TEMPORARY = "tmp";

export function createEntryFiles(directory: string): EntryFiles {
  const instance = crypto.randomUUID();
  let writes = 0;

  async function stat(path: string) {
    const found = await orNothing(Deno.lstat(path).catch(ofForeignFolder));
    if (found === undefined) return undefined;
    if (found.isFile) return { bytes: found.size, touchedMs: found.mtime?.getTime() ?? 0 };
    await remove(path);
    return undefined;
  }

  /** A file in the place of a folder of entries hides none; one in the place of the whole directory does. */
  async function ofForeignFolder(error: unknown): Promise<undefined> {
    const isOurs = error instanceof Deno.errors.NotADirectory &&
      (await orNothing(Deno.stat(directory)))?.isDirectory;
    if (!isOurs) throw error;
  }

  async function writeAside(path: string, value: Uint8Array): Promise<void> {
    const temporary = `${directory}/${TEMPORARY}/${instance}-${writes++}`;
    try {
      await Deno.writeFile(temporary, value);
      await Deno.rename(temporary, path);
    } catch (error) {
      await remove(temporary).catch(() => {}); // The first error says more.
      throw error;
    }
  }

  const makeFolder = (path: string) => Deno.mkdir(path, { recursive: true });

  /** No folder yet, or something else in the place of one, or of the entry. */
  async function makePlace(path: string): Promise<void> {
    await makeFolder(`${directory}/${TEMPORARY}`);
    const folder = path.slice(0, path.lastIndexOf("/"));
    const found = await orNothing(Deno.lstat(folder));
    if (found && !found.isDirectory) await remove(folder);
    await makeFolder(folder);
    await stat(path);
  }

  return {
    stat,
    read: (path) => orNothing(Deno.readFile(path)),
    remove: (path) => remove(path).catch(ofForeignFolder),
    async write(path, value) {
      try {
        await writeAside(path, value);
      } catch (error) {
        if (isFull(error)) throw error;
        await makePlace(path);
        await writeAside(path, value);
      }
    },
    async removeLeftovers() {
      const folder = `${directory}/${TEMPORARY}`;
      if (!(await orNothing(Deno.lstat(folder)))?.isDirectory) return;
      for await (const file of list(folder)) {
        if (!file.name.startsWith(instance)) await remove(`${folder}/${file.name}`);
      }
    },
    async tryToWrite() {
      await makeFolder(`${directory}/${TEMPORARY}`);
      const path = `${directory}/${TEMPORARY}/${instance}`;
      await writeAside(path, new Uint8Array(1));
      await remove(path);
    },
  };
}

/** Whether the disk, or what this user may have of it, is full. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "ENOSPC" || error.code === "EDQUOT");
}

/** The entries of a folder; none if there is no such folder. */
export async function* list(folder: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function remove(path: string): Promise<void> {
  await orNothing(Deno.remove(path, { recursive: true }));
}

async function orNothing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
