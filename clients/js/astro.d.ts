import type { ImageOptions } from "./index.d.ts";

/** `image.service.config` of astro.config. */
export interface AstroConfig {
  /** Where the proxy is. */
  base: string;
  /** The site's own address, for pictures that the project imports. */
  site?: string;
  /** Go with every picture. */
  options?: ImageOptions;
}

declare const service: {
  getURL(picture: Record<string, unknown>, config: { service: { config: AstroConfig } }): string;
  getSrcSet(
    picture: Record<string, unknown>,
    config: { service: { config: AstroConfig } },
  ): { transform: Record<string, unknown>; descriptor: string }[];
  getHTMLAttributes(picture: Record<string, unknown>): Record<string, unknown>;
};
export default service;
