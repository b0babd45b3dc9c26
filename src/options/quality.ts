// The quality of lossy formats, as a URL writes it: a number, or that it is to be found.
import type { AutoQuality } from "../image/formats/coding/auto_quality.ts";
import { formatNumber, parseDecimal, parseInteger } from "./number.ts";
import { malformed, type Token } from "./option.ts";

/** The similarity at which most people see no difference unless they look for one. */
export const USUAL_SIMILARITY = 0.97;

/** A quality as `80`, `auto` or `auto:0.98`. */
export function parseQuality(token: Token): number | AutoQuality {
  const quality = parseInteger(token.value);
  if (quality !== undefined && quality >= 1 && quality <= 100) return quality;
  const [auto, wanted, ...more] = token.value.split(":");
  const target = wanted === undefined ? USUAL_SIMILARITY : parseDecimal(wanted);
  const isTarget = target !== undefined && target >= 0.8 && target <= 0.999 &&
    Number(target.toFixed(3)) === target;
  if (auto === "auto" && isTarget && more.length === 0) return { target };
  throw malformed(
    token,
    "quality takes a whole number from 1 to 100, or auto, behind which may be :{similarity} from 0.8 to 0.999 with at " +
      "most three decimals",
  );
}

export function formatQuality(quality: number | AutoQuality): string[] {
  if (typeof quality === "number") return [`q${quality}`];
  const { target } = quality;
  return [target === USUAL_SIMILARITY ? "quality:auto" : `quality:auto:${formatNumber(target)}`];
}
