// Keys of dialects as given to -dialectKey: the key itself, or @file that holds it.
import { parseMounts } from "./mounts.ts";

/**
 * Each key with its dialect's name, `imgproxy=…`; white space around what a file holds is not part of it.
 * Rejects with one sentence about a file that cannot be read, or a setting that is wrong.
 */
export async function readDialectKeys(
  { dialect, dialectKey }: { dialect: readonly string[]; dialectKey: readonly string[] },
  readTextFile: (path: string) => Promise<string>,
): Promise<string[]> {
  const keys = await Promise.all(dialectKey.map(async (entry) => {
    const [, name = "", path] = /^([^=]*)=@(.+)$/s.exec(entry) ?? [];
    if (path === undefined) return entry;
    const text = await readTextFile(path).catch((cause) => {
      throw new Error(`-dialectKey cannot read the key file ${path}: ${cause.message}`, { cause });
    });
    return `${name}=${text.trim()}`;
  }));
  parseMounts(dialect, keys);
  return keys;
}
