// Keys as given to a setting such as -signatureKey: the key itself, or @file that holds it.

/**
 * The bytes of each key. A final newline of a file, which editors add, is not part of the key; the Go
 * program keeps it. Rejects with one sentence that names the file that cannot be read.
 */
export async function readKeys(
  keys: readonly string[],
  { setting, readFile }: {
    setting: string;
    readFile: (path: string) => Promise<Uint8Array>;
  },
): Promise<Uint8Array[]> {
  return await Promise.all(keys.map(async (key) => {
    if (!key.startsWith("@")) return new TextEncoder().encode(key);
    const path = key.slice(1);
    const bytes = await readFile(path).catch((cause) => {
      throw new Error(`-${setting} cannot read the key file ${path}: ${cause.message}`, {
        cause,
      });
    });
    const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : undefined;
    const trimmed = bytes.slice(0, end);
    if (trimmed.length === 0) throw new Error(`-${setting}: the key file ${path} is empty`);
    return trimmed;
  }));
}
