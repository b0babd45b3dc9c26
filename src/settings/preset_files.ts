// Presets as given to -presets: an entry itself, or @file with an entry on each line.

/** All entries, those of files in their place; empty lines and those that begin with # say nothing. */
export async function readPresets(
  entries: readonly string[],
  readTextFile: (path: string) => Promise<string>,
): Promise<string[]> {
  const lists = await Promise.all(entries.map(async (entry) => {
    if (!entry.startsWith("@")) return [entry];
    const path = entry.slice(1);
    const text = await readTextFile(path).catch((cause) => {
      throw new Error(`-presets cannot read the file ${path}: ${cause.message}`, { cause });
    });
    return text.split("\n").map((line) => line.trim()).filter((line) => /^[^#]/.test(line));
  }));
  return lists.flat();
}
