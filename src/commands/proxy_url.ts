// URLs of the proxy as its users write them: with its host or without, and below its path prefix or not.

export interface ProxyUrl {
  /** The host, if one is named, and the prefix, if the path is below it. */
  base: string;
  namesHost: boolean;
  /** What the server reads: the path below the prefix, and the query; empty where the text is no such URL. */
  target: string;
}

export function splitProxyUrl(url: string, pathPrefix: string): ProxyUrl {
  const [, host = "", path = ""] = /^(https?:\/\/[^/?#]+)?(\/.*)$/is.exec(url) ?? [];
  const prefix = path.startsWith(`${pathPrefix}/`) ? pathPrefix : "";
  return { base: host + prefix, namesHost: host !== "", target: path.slice(prefix.length) };
}
