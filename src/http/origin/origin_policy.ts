// Where the proxy may go: the one gate that every hop passes, the first as well as each redirect, and the
// judgement on every address before it is dialled.

import { embeddedAddresses, isPublicAddress, matchesCidr } from "../address.ts";
import { type HostPatterns, matchesHost, normalizeHost, parseHostPatterns } from "../host.ts";
import type { OriginUrl } from "./origin_url.ts";

export interface OriginPolicyOptions {
  /** Hosts that unsigned requests may go to; undefined for all, an empty list for none. */
  allowHosts?: readonly string[] | undefined;
  /** Hosts that nothing may go to. Blocks also refuse the names that resolve into them. */
  denyHosts?: readonly string[] | undefined;
  /**
   * Hosts that may have an address that is not public, such as the host of the base URL. The hosts that
   * `allowHosts` names in full, and its address blocks, have that right without being repeated here.
   */
  exemptHosts?: readonly string[] | undefined;
  /** Lets every host have an address that is not public. */
  allowPrivateNetworks?: boolean | undefined;
  /** Ports and ranges such as `8000-8999`. */
  ports?: readonly string[] | undefined;
}

export interface OriginPolicy {
  /** Why the URL may not be asked for, as the end of a public sentence, or undefined if it may. */
  refuseUrl(url: OriginUrl, request: { signed: boolean }): string | undefined;
  /** Why the address that a host name stands for may not be dialled, or undefined if it may. */
  refuseAddress(address: string, hostname: string): string | undefined;
}

/** HTTP's own ports, and those that need no privilege to open, where development and app servers listen. */
export const DEFAULT_PORTS = ["80", "443", "1024-65535"] as const;

/** Reads the lists once; throws a RangeError that quotes a bad entry. */
export function createOriginPolicy(options: OriginPolicyOptions = {}): OriginPolicy {
  const allowed = options.allowHosts && parseHostPatterns(options.allowHosts);
  const denied = parseHostPatterns(options.denyHosts ?? []);
  const ports = (options.ports ?? DEFAULT_PORTS).map(parsePorts);
  const exempt = exemptions(allowed, parseHostPatterns(options.exemptHosts ?? []));

  return {
    refuseUrl(url, { signed }) {
      if (!ports.some(([first, last]) => first <= url.port && url.port <= last)) {
        return `port ${url.port} is not allowed`;
      }
      if (matchesHost(denied, url.hostname)) return "its host is denied";
      if (!signed && allowed && !matchesHost(allowed, url.hostname)) {
        return "its host is not allowed";
      }
      return undefined;
    },

    refuseAddress(address, hostname) {
      const forms = [address, ...embeddedAddresses(address)];
      if (denied.cidrs.some((cidr) => forms.some((form) => matchesCidr(form, cidr)))) {
        return "its host is denied";
      }
      if (options.allowPrivateNetworks || isPublicAddress(address)) return undefined;
      const name = normalizeHost(hostname);
      if (name !== undefined && exempt.names.has(name)) return undefined;
      if (exempt.cidrs.some((cidr) => matchesCidr(address, cidr))) return undefined;
      return "its host has no public address";
    },
  };
}

function exemptions(allowed: HostPatterns | undefined, more: HostPatterns) {
  return {
    names: new Set([...allowed?.names ?? [], ...more.names]),
    cidrs: [...allowed?.cidrs ?? [], ...more.cidrs],
  };
}

function parsePorts(text: string): [first: number, last: number] {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim()) ?? [];
  const range: [number, number] = [Number(first), Number(last)];
  if (first === undefined || range[0] < 1 || range[0] > range[1] || range[1] > 65535) {
    throw new RangeError(`Cannot parse port "${text}": write 80 or 8000-8999, up to 65535`);
  }
  return range;
}
