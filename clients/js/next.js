// @ts-self-types="./next.d.ts"
// A loader for next/image: `images: { loader: "custom", loaderFile: "./image_loader.js" }` in next.config.js, and
// in that file `export default createLoader("https://img.example.com")`.
import { url } from "./index.js";

/** The loader for a proxy; Next.js gives source, width and quality of each picture. */
export function createLoader(base, options = {}) {
  return ({ src, width, quality }) =>
    url(base, src, { format: "auto", ...options, width, ...(quality ? { quality } : {}) });
}
