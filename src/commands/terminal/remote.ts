// Pictures from URLs for commands: fetched as the server fetches them, but that whoever runs a command may
// reach the hosts of its own network anyway.
import type { Config } from "../../settings/table.ts";
import { readInput } from "./input.ts";

export interface InputReader extends AsyncDisposable {
  /** The bytes of a file, of stdin for `-`, or of a URL. Rejects with one sentence. */
  read(name: string): Promise<Uint8Array>;
}

export function isUrl(name: string): boolean {
  return /^https?:\/\//i.test(name);
}

/** Reads inputs; what fetching needs is loaded with the first URL. */
export function createInputReader(config: Config): InputReader {
  let fetcher: ReturnType<typeof openFetcher> | undefined;
  return {
    async read(name) {
      if (!isUrl(name)) return await readInput(name);
      fetcher ??= openFetcher(config);
      return (await (await fetcher).fetchOriginal(name, { signed: true })).body;
    },
    async [Symbol.asyncDispose]() {
      await (await fetcher?.catch(() => undefined))?.close();
    },
  };
}

async function openFetcher(config: Config) {
  const { createOriginFetcher } = await import("../../http/origin/original.ts");
  const { readAuthorities } = await import("../../settings/authorities.ts");
  return createOriginFetcher({
    allowPrivateNetworks: true,
    ports: ["1-65535"],
    userAgent: config.userAgent,
    maxBytes: config.maxSourceBytes,
    totalTimeout: config.fetchTimeout,
    ca: await readAuthorities(config.caFile, { readTextFile: Deno.readTextFile }),
  });
}
