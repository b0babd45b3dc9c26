// Which hosts a list such as allowHosts or denyHosts names. Both sides of the comparison go through the
// URL parser, so that case, Unicode, a final dot and odd spellings of IPv4 cannot tell them apart.

import { sourceOf } from "./place.ts";
import { type Cidr, matchesCidr, parseAddress, parseCidr } from "./address.ts";

/** A parsed list of hosts. */
export interface HostPatterns {
  /** Named sources, with their colons. */
  readonly sources: ReadonlySet<string>;
  /** Hosts named in full, in the form that `normalizeHost()` gives. */
  readonly names: ReadonlySet<string>;
  /** `example.com` for the entry `*.example.com`. */
  readonly domains: ReadonlySet<string>;
  /** Address blocks, among them the IP addresses named in full. */
  readonly cidrs: readonly Cidr[];
}

/**
 * Parses the entries of a host list: `example.com`, `*.example.com` (every subdomain and `example.com`
 * itself), `192.0.2.1`, `[2001:db8::1]` or `10.0.0.0/8`, and named sources: `photos:`. Throws a RangeError that
 * quotes a bad entry.
 */
export function parseHostPatterns(entries: readonly string[]): HostPatterns {
  const sources = new Set<string>();
  const names = new Set<string>();
  const domains = new Set<string>();
  const cidrs: Cidr[] = [];
  for (const entry of entries) {
    const text = entry.trim();
    if (sourceOf(text) === text) {
      sources.add(text);
      continue;
    }
    const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
    if (isUrl || /^[^/:]*[a-z][^/:]*\//i.test(text)) {
      const named = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^/@]*@)?([^/:?#]*)/i.exec(text)?.[1] ||
        "example.com";
      const what = isUrl ? "a URL" : "a path";
      throw new RangeError(
        `Cannot parse host "${entry}": it is ${what}; name the host alone, ${named}`,
      );
    }
    const wildcard = text.startsWith("*.");
    const host = wildcard ? text.slice(2) : text;
    if (!wildcard && host.includes("/")) {
      cidrs.push(parseBlock(entry));
      continue;
    }
    const problem = problemWith(host);
    const name = problem ? undefined : normalizeHost(host);
    if (problem || name === undefined) {
      throw new RangeError(`Cannot parse host "${entry}": ${problem ?? "it is no host name"}`);
    }
    const address = parseAddress(name.replace(/^\[|\]$/g, ""));
    if (address && wildcard) {
      throw new RangeError(`Cannot parse host "${entry}": an IP address has no subdomains`);
    }
    if (address) cidrs.push(parseCidr(name.replace(/^\[|\]$/g, "")));
    (wildcard ? domains : names).add(name);
  }
  return { sources, names, domains, cidrs };
}

function parseBlock(entry: string): Cidr {
  try {
    return parseCidr(entry.trim());
  } catch (cause) {
    const wanted = "a block of addresses is written as 192.0.2.0/24 or 2001:db8::/32";
    throw new RangeError(`Cannot parse host "${entry}": ${wanted}`, { cause });
  }
}

function problemWith(host: string): string | undefined {
  if (host === "") return "it is empty";
  if (host.includes("*")) {
    return "a * stands for whole subdomains and only at the start, as in *.example.com";
  }
  if (/[\s/?#@\\%]/.test(host)) return "it is no host name";
  const bare = parseAddress(host) !== undefined;
  if (!bare && /:\d*$/.test(host)) return "a host is named without its port";
  return undefined;
}

/**
 * Whether the list names the host, given as in a URL: a port, case and a final dot do not matter; or the
 * source, given with its colon.
 */
export function matchesHost(patterns: HostPatterns, hostname: string): boolean {
  if (patterns.sources.has(hostname)) return true;
  const name = normalizeHost(hostname);
  if (name === undefined) return false;
  if (patterns.names.has(name)) return true;
  const address = name.replace(/^\[|\]$/g, "");
  if (parseAddress(address)) return patterns.cidrs.some((cidr) => matchesCidr(address, cidr));
  for (let domain = name; domain !== ""; domain = domain.slice(domain.indexOf(".") + 1)) {
    if (patterns.domains.has(domain)) return true;
    if (!domain.includes(".")) return false;
  }
  return false;
}

/**
 * The one spelling of a host that every other is compared by: lower case, punycode, no port, no final
 * dot, IPv4 in dotted form, IPv6 in brackets. Undefined if it is no host.
 */
export function normalizeHost(host: string): string | undefined {
  if (/[\s/?#@\\]/.test(host)) return undefined;
  const authority = host.includes(":") && parseAddress(host) ? `[${host}]` : host;
  const url = URL.parse(`http://${authority}/`);
  const name = url?.hostname.replace(/\.$/, "");
  // Empty labels resolve to nothing, and more than 253 octets fit in no query (RFC 1035 section 2.3.4).
  if (!name || name.length > 253 || /^\.|\.\.|\.$/.test(name)) return undefined;
  return name;
}
