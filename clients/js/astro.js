// @ts-self-types="./astro.d.ts"
// A service for Astro's <Image />: `image: { service: { entrypoint: "@imageproxy/client/astro",
// config: { base: "https://img.example.com" } } }` in astro.config.
import { url } from "./index.js";

const service = {
  getURL({ src, width, height, quality, format, ...others }, { service: { config } }) {
    const source = typeof src === "string" ? src : new URL(src.src, config.site).href;
    const level = Number(quality);
    return url(config.base, source, {
      format: format ?? "auto",
      ...(width ? { width } : {}),
      ...(height ? { height } : {}),
      ...(level ? { quality: level } : {}),
      ...config.options,
      ...others.options,
    });
  },
  getHTMLAttributes(
    { src: _src, quality: _quality, format: _format, options: _options, ...others },
  ) {
    return { loading: "lazy", decoding: "async", ...others };
  },
};

export default service;
