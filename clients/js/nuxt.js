// @ts-self-types="./nuxt.d.ts"
// A provider for Nuxt Image: `image: { providers: { imageproxy: { provider: "@imageproxy/client/nuxt",
// options: { baseURL: "https://img.example.com" } } } }` in nuxt.config.
import { url } from "./index.js";

/** What Nuxt Image's fits are here (those of CSS object-fit). */
const FITS = {
  cover: {},
  contain: { pad: true },
  fill: { fit: "stretch" },
  inside: { fit: true },
  outside: { fit: "outside" },
};

export function getImage(src, { modifiers = {}, baseURL = "" } = {}) {
  const { fit, background, ...others } = modifiers;
  return {
    url: url(baseURL, src, {
      format: "auto",
      ...(fit ? FITS[fit] : {}),
      ...(background ? { background: background.replace(/^#/, "") } : {}),
      ...others,
    }),
  };
}

export default () => ({ getImage });
