// What the server's owner chooses about encoders. Pure, so that the settings table has its defaults from
// the file that explains them.
import type { Effort } from "./coding/encoding.ts";
import {
  FORMATS,
  LOSSY_FORMATS,
  type LossyFormat,
  SLOW_FORMATS,
  type SlowFormat,
} from "./table.ts";

/** Quality where the URL names none, on the one scale of all formats: that of JPEG. */
export type QualitySettings = Record<`${LossyFormat}Quality`, number>;
/** Most pixels of a result that is negotiated to be in a format that takes long to write. */
export type SizeSettings = Record<`${SlowFormat}MaxPixels`, number>;

export interface EncodingSettings extends QualitySettings, SizeSettings {
  effort: Effort;
}

export const DEFAULT_ENCODING: EncodingSettings = {
  ...Object.fromEntries(
    LOSSY_FORMATS.map((format) => [`${format}Quality`, FORMATS[format].encoding.quality.default]),
  ) as QualitySettings,
  ...Object.fromEntries(
    SLOW_FORMATS.map((format) => [
      `${format}MaxPixels`,
      FORMATS[format].encoding.negotiated.maxPixels,
    ]),
  ) as SizeSettings,
  effort: 2,
};

/** The settings of encoders alone, of an object that holds more. */
export function encodingOf(settings: EncodingSettings): EncodingSettings {
  const names = Object.keys(DEFAULT_ENCODING) as (keyof EncodingSettings)[];
  return Object.fromEntries(
    names.map((name) => [name, settings[name]]),
  ) as unknown as EncodingSettings;
}
