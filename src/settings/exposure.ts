// Whether strangers can use the server as they like. Nobody should find that out from a bill.
import type { Config } from "./table.ts";

/** A sentence for the operator of a server that is both open and reachable, which says how to close it. */
export function exposureWarning(
  { addr, allowHosts, dialectKey, bearerToken }: Pick<
    Config,
    "addr" | "allowHosts" | "dialectKey" | "bearerToken"
  >,
  signatureKeys: readonly Uint8Array[],
): string | undefined {
  if (allowHosts.length > 0 || signatureKeys.length > 0 || dialectKey.length > 0) return undefined;
  if (bearerToken !== "" || "path" in addr || isLoopback(addr.hostname)) return undefined;
  return `Everyone who can reach port ${addr.port} can have any public image fetched and transformed: ` +
    "name your hosts with -allowHosts, or sign your URLs with -signatureKey, or listen on localhost only";
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|(?:0*:)+0*1)$/i.test(hostname);
}
