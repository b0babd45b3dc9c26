// @ts-self-types="./astro.d.ts"
// A service for Astro's <Image /> and <Picture />: `image: { service: { entrypoint: "@imageproxy/client/astro",
// config: { base: "https://img.example.com" } } }` in astro.config.
import { FITS } from "./fits.js";
import { url } from "./index.js";

/** Astro's words for qualities. */
const QUALITIES = { low: 25, mid: 50, high: 80, max: 100 };

/** What says how the picture is made, and is nothing for the element. */
const NO_ATTRIBUTES = [
  ...["src", "quality", "format", "formats", "fit", "position", "background"],
  ...["widths", "densities", "layout", "priority", "options"],
];

const service = {
  getURL(
    { src, width, height, quality, format, fit, background, options },
    { service: { config } },
  ) {
    const source = typeof src === "string" ? src : new URL(src.src, config.site).href;
    const level = QUALITIES[quality] ?? Number(quality);
    return url(config.base, source, {
      // Astro names the format of a drawing too; a server asked for none leaves it a drawing.
      ...(format === "svg" ? {} : { format: format ?? "auto" }),
      ...(width ? { width: Math.round(width) } : {}),
      ...(height ? { height: Math.round(height) } : {}),
      ...(level ? { quality: level } : {}),
      ...(width && height ? FITS[fit] : {}),
      ...(background ? { background: background.replace(/^#/, "") } : {}),
      ...config.options,
      ...options,
    });
  },
  /** A picture for each of the widths or densities, in the same shape. */
  getSrcSet({ widths, densities, width, height, ...others }) {
    const own = typeof others.src === "string" ? {} : others.src;
    const across = Number(width ?? own.width);
    const up = Number(height ?? (own.width ? across * own.height / own.width : NaN));
    const sized = (wide) => ({
      ...others,
      width: wide,
      ...(up ? { height: Math.max(1, Math.round(wide * up / across)) } : {}),
    });
    if (densities && across) {
      return densities.map((density) => {
        const factor = parseFloat(density);
        return { transform: sized(Math.round(across * factor)), descriptor: `${factor}x` };
      });
    }
    // Nothing is enlarged: beyond a local picture's own width all would be the same.
    const most = own.width ?? Infinity;
    const wanted = [...new Set((widths ?? []).map((wide) => Math.min(wide, most)))];
    return wanted.sort((a, b) => a - b)
      .map((wide) => ({ transform: sized(wide), descriptor: `${wide}w` }));
  },
  getHTMLAttributes(picture) {
    const others = Object.entries(picture).filter(([name]) => !NO_ATTRIBUTES.includes(name));
    return { loading: "lazy", decoding: "async", ...Object.fromEntries(others) };
  },
};

export default service;
