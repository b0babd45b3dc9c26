// Where a key lives in a directory or bucket. Names are recognisable, so that files of other
// programs in the same place are neither listed, nor counted, nor removed.

const SHARDED_KEY = /^([0-9a-f]{2}):([0-9a-f]{2}):(\1\2[0-9a-f]{60}(?:-[a-z][0-9a-f]{32})?)$/;
const SHARDED_NAME = /^([0-9a-f]{2})\/(\1([0-9a-f]{2})[0-9a-f]{60}(?:-[a-z][0-9a-f]{32})?)$/;
const KEY_START = /^([0-9a-f]{0,2})(?::([0-9a-f]{0,2})(?::(.*))?)?$/;
const OTHER = "_/";
/** File systems end a component at 255 bytes. */
const LONGEST = 255;

/**
 * The name of a key: `ab/<64 hex>` for a sharded hash, with the kind and hash that may follow it. One
 * level of 256 folders, because on disk the 65,536 folders of two levels would weigh more than a small
 * cache. Any other key is spelt out
 * in lower case and percent escapes, so that no file system folds two keys into one.
 */
export function nameOfKey(key: string): string {
  const sharded = SHARDED_KEY.exec(key);
  if (sharded) return `${sharded[1]}/${sharded[3]}`;
  if (key === "" || !key.isWellFormed()) {
    throw new Error(`Cannot store under the key ${JSON.stringify(key)}: keys are non-empty text`);
  }
  const spelt = escape(key);
  if (spelt.length > LONGEST) {
    throw new Error(`Cannot store under the key "${key}": its name exceeds ${LONGEST} bytes`);
  }
  return OTHER + spelt;
}

/** The key of a name, or undefined for a name that no key has. */
export function keyOfName(name: string): string | undefined {
  const sharded = SHARDED_NAME.exec(name);
  if (sharded) return `${sharded[1]}:${sharded[3]}:${sharded[2]}`;
  if (!name.startsWith(OTHER)) return undefined;
  try {
    const key = decodeURIComponent(name.slice(OTHER.length));
    return nameOfKey(key) === name ? key : undefined;
  } catch {
    return undefined; // Not of our spelling, so not ours.
  }
}

/** The starts of names under which all keys with this prefix are found, and perhaps others. */
export function namePrefixes(keyPrefix: string): string[] {
  if (keyPrefix === "") return [""];
  const others = OTHER + escape(keyPrefix.toWellFormed());
  const [start, first, second, hash] = KEY_START.exec(keyPrefix) ?? [];
  if (start === undefined) return [others];
  if (second === undefined) return [first!, others];
  const shard = `${first}${second}`;
  return [`${first}/${hash?.startsWith(shard) ? hash : shard}`, others];
}

function escape(text: string): string {
  return text.replace(
    /[^a-z0-9_-]/gu,
    (character) =>
      Array.from(
        new TextEncoder().encode(character),
        (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
      ).join(""),
  );
}
