// Single files that the operator has named, wherever they lie. No URL of a client's can name them: the source
// that holds them is not among those of the grammar.

import { createHash } from "node:crypto";
import { basename, dirname, resolve } from "node:path";
import { ProxyError } from "../errors.ts";
import { createFileSource, type FileSourceOptions } from "./file_source.ts";
import type { Source } from "./source.ts";

/** The name of the source that holds them, which no other may have. */
export const PICKED = "local";

/** The remote URL of a file, the same for the same path: caches may outlive the process. */
export function pickedUrl(path: string): string {
  const folder = createHash("sha256").update(dirname(resolve(path))).digest("hex").slice(0, 16);
  return `${PICKED}:${folder}/${encodeURIComponent(basename(path))}`;
}

/** A source of the files at these paths, and of no others. */
export function createPickedFiles(
  paths: readonly string[],
  options: Omit<FileSourceOptions, "folder">,
): Source {
  const files = new Map(paths.map((path) => {
    const [, name = ""] = pickedUrl(path).split(":");
    const folder = createFileSource({ ...options, folder: dirname(resolve(path)) });
    return [decodeURIComponent(name), { folder, name: basename(path) }] as const;
  }));
  return {
    open({ name, target }, request) {
      const file = files.get(name);
      if (!file) throw new ProxyError("not_found", "There is no such picture");
      return file.folder.open({ name: file.name, target }, request);
    },
    async close() {
      await Promise.all([...files.values()].map(({ folder }) => folder.close()));
    },
  };
}
