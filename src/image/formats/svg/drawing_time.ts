// How long a drawing may take beside its pixels, told from its text: so that one that may take long leaves room for
// others. It is the worst: how much of the picture an element covers is not looked into.
import type { Size } from "../../pixels/geometry.ts";
import { isFilterStep } from "./check_drawing.ts";
import { createDrawCount } from "./count_draws.ts";
import { withoutDoctype } from "./doctype.ts";
import { lettersIn, rulesIn, stylesIn, svgText, tagsIn } from "./svg_text.ts";

/** Milliseconds for an element that is drawn, a rule that is held against an element, and a letter of text. */
const DRAW = 0.01, RULE = 2e-4, LETTER = 0.05;
/** The same for a million pixels of a layer of its own, and of a step of a filter. */
const LAYER = 4, STEP = 20;
/** Steps of filters that take as long as their attributes say. */
const UNBOUNDED =
  /^fe(?:ConvolveMatrix|DiffuseLighting|DisplacementMap|Image|Morphology|SpecularLighting|Turbulence)$/;
/** What gives an element a layer of its own. */
const LAYERED = /[\s;"'{](?:opacity|mask|clip-path|filter|mix-blend-mode|isolation)\s*[=:]/;

/** Milliseconds that stand for no limit: a number that JSON can say. */
const AN_HOUR = 3_600_000;

/** Milliseconds, an hour at the most; 0 for what is no drawing, which is refused when it is drawn. */
export function drawingTime(bytes: Uint8Array, { width, height }: Size): number {
  try {
    return Math.min(AN_HOUR, timeOf(withoutDoctype(svgText(bytes)), width * height / 1e6));
  } catch {
    return 0;
  }
}

function timeOf(text: string, megapixels: number): number {
  const styles = stylesIn(text);
  const isStyled = LAYERED.test(styles);
  const time = createDrawCount(styles);
  let elements = 0, hasText = false;
  for (const start of tagsIn(text)) {
    if (!start) {
      time.close();
      continue;
    }
    const { tag, name, isEmpty } = start;
    if (UNBOUNDED.test(name)) return AN_HOUR;
    elements++;
    hasText ||= name === "text";
    const hasLayer = LAYERED.test(tag) || (isStyled && /\sclass\s*=/.test(tag));
    const layers = isFilterStep(name) ? STEP : hasLayer ? LAYER : 0;
    time.open(tag, { isEmpty, weight: DRAW + layers * megapixels });
  }
  const letters = hasText ? lettersIn(text) : 0;
  return time.total() + rulesIn(styles) * elements * RULE + letters * LETTER;
}
