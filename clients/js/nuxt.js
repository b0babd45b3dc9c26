// @ts-self-types="./nuxt.d.ts"
// A provider for Nuxt Image: `image: { providers: { imageproxy: { provider: "@imageproxy/client/nuxt",
// options: { baseURL: "https://img.example.com" } } } }` in nuxt.config.
import { FITS } from "./fits.js";
import { url } from "./index.js";

export function getImage(src, { modifiers = {}, baseURL = "" } = {}) {
  const { fit, background, format, ...others } = modifiers;
  return {
    url: url(baseURL, src, {
      // Nuxt names it even where nobody has said it.
      format: format ?? "auto",
      ...(fit ? FITS[fit] : {}),
      ...(background ? { background: background.replace(/^#/, "") } : {}),
      ...others,
    }),
  };
}

export default () => ({ getImage });
