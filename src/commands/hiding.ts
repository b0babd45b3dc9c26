// What the commands that hide remote URLs have in common: the key, and how a URL is to be read.
import { createReveal } from "../request/hidden_url.ts";
import type { RemoteUrlSettings } from "../request/remote_url.ts";
import { passingParameters } from "../settings/passing_parameters.ts";
import { readKeys } from "../settings/keys.ts";
import { sourceNames } from "../settings/named_places.ts";
import type { Config } from "../settings/table.ts";
import type { Flag } from "./terminal/command_line.ts";

export interface HidingKey {
  key: Uint8Array;
  deterministic: boolean;
}

export const DETERMINISTIC: Flag = {
  summary: "Hide the same URL in the same token, so that caches keep it once",
};

/** The key that hides; rejects where there is none. */
export async function hidingKey(
  config: Config,
  { deterministic }: Readonly<Record<string, string | undefined>>,
): Promise<HidingKey> {
  const [key] = await sourceKeys(config);
  if (!key) {
    throw new Error(
      "No key: give -sourceKey, IMAGEPROXY_SOURCEKEY or sourceKey in the config file",
    );
  }
  return { key, deterministic: deterministic === "true" };
}

/** How remote URLs are read under the settings. */
export async function remoteGrammar(config: Config): Promise<RemoteUrlSettings> {
  const keys = await sourceKeys(config);
  return {
    baseUrl: config.baseURL || undefined,
    sources: sourceNames(config),
    isPassing: passingParameters(config.ignoredParameters),
    reveal: keys.length > 0 ? createReveal(keys) : undefined,
  };
}

function sourceKeys(config: Config): Promise<Uint8Array[]> {
  return readKeys(config.sourceKey, { setting: "sourceKey", readFile: Deno.readFile });
}
