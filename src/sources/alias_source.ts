// A part of the web under a short name: what is behind the name is asked for below one URL, by the rules of
// any origin, but that the operator has named it.

import { DEFAULT_PORTS } from "../http/origin/origin_policy.ts";
import { createOriginFetcher } from "../http/origin/original.ts";
import { parseOriginUrl } from "../http/origin/origin_url.ts";
import { objectName } from "./object_name.ts";
import type { Source, SourceContext, SourceKind } from "./source.ts";

export const HTTPS: SourceKind = {
  summary: "A part of the web: https://host/prefix/",
  examples: ["shop=https://images.shop.example/products/", "shop=https://10.1.2.3:8443/?cache=1h"],
  variables: [],
  open: openAlias,
};

export const HTTP: SourceKind = {
  summary: "A part of the web without TLS: http://host/prefix/",
  examples: ["shop=http://localhost:3000/uploads/"],
  variables: [],
  open: openAlias,
};

function openAlias(location: string, { fail, rules, rule }: SourceContext): Source {
  const { origin, target, hostname, port } = parse(location, fail);
  const base = origin + target.replace(/\/?$/, "/");
  const { allowHosts, exemptHosts = [], ports = DEFAULT_PORTS } = rules;
  const fetcher = createOriginFetcher({
    ...rules,
    // A redirect to another host is judged as it is everywhere.
    allowHosts: allowHosts && [...allowHosts, hostname],
    exemptHosts: [...exemptHosts, hostname],
    ports: [...ports, String(port)],
    ruleFor: (place) => (place === hostname ? rule : undefined) ?? rules.ruleFor?.(place),
  });
  return {
    open: (picture, request) => fetcher.streamOriginal(base + picture.target, request),
    mayFetch: fetcher.mayFetch,
    close: fetcher.close,
  };
}

function parse(location: string, fail: SourceContext["fail"]) {
  try {
    const url = parseOriginUrl(location);
    if (url.target !== "/") objectName(url.target.replace(/^\/+|\/+$/g, ""));
    return url;
  } catch (error) {
    throw fail((error as Error).message);
  }
}
