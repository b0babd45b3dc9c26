// Random URLs of other servers' grammars, the same ones for the same seed: what compare_dialects.ts asks for.
// What docs/dialects.md says comes out in another size or format is left out.
import { Buffer } from "node:buffer";
import type { DialectName } from "../../src/dialects/table.ts";

export interface Dice {
  /** A whole number from the least to the most. */
  whole(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  /** One with this probability, else none. */
  perhaps<T = string>(probability: number, make: () => T): T[];
}

/** A generator of 32 bits of state (mulberry32). */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    whole,
    pick: (items) => items[whole(0, items.length - 1)]!,
    perhaps: (probability, make) => random() < probability ? [make()] : [],
  };
}

/** What stands behind the server's address, or behind the dialect's path, for a picture of the origin. */
type UrlMaker = (dice: Dice, source: string) => string;

export const URL_MAKERS: Partial<Record<DialectName, UrlMaker>> = {
  imgproxy(dice, source) {
    const { whole, pick, perhaps } = dice;
    const side = () => pick([0, 0, whole(5, 60), whole(40, 200), whole(150, 400)]);
    const flag = () => pick(["0", "1", "t", "false"]);
    const compass = ["no", "so", "ea", "we", "noea", "nowe", "soea", "sowe", "ce"];
    const offset = () => pick(["0", "0", String(whole(1, 20)), `0.${whole(1, 3)}`]);
    const gravity = () =>
      pick([
        pick(compass),
        `${pick(compass)}:${offset()}:${offset()}`,
        `fp:0.${whole(0, 9)}:0.${whole(0, 9)}`,
      ]);
    const type = pick(["fit", "fill", "fill-down", "force", "auto"]);
    const options = [
      pick([
        `rs:${type}:${side()}:${side()}`,
        `resize:${type}:${side()}:${side()}:${flag()}`,
        `rs:${type}:${side()}:${side()}:${flag()}:1`,
        `s:${side()}:${side()}/rt:${type}`,
        `w:${side()}`,
        `h:${side()}/resizing_type:${type}`,
      ]),
      ...perhaps(0.2, () => `el:${flag()}`),
      ...perhaps(0.15, () => `ex:1${pick(["", `:${pick(compass)}`])}`),
      ...perhaps(0.08, () => `exar:1${pick(["", `:${pick(compass)}`])}`),
      ...perhaps(0.4, () => `g:${gravity()}`),
      ...perhaps(0.15, () => `c:${pick([0, whole(20, 200), "0.5"])}:${whole(20, 150)}`),
      ...perhaps(0.06, () => `c:${whole(20, 120)}:0.75:${gravity()}`),
      ...perhaps(0.12, () => `dpr:${pick(["2", "1.5", "0.5", "3"])}`),
      ...perhaps(0.08, () => `z:${pick(["0.5", "1.3", "2", "0.5:0.8"])}`),
      ...perhaps(0.08, () => `mw:${whole(20, 250)}`),
      ...perhaps(0.08, () => `mh:${whole(20, 250)}`),
      ...perhaps(0.15, () => `pd:${whole(0, 20)}${pick(["", `:${whole(0, 20)}`, ":1:2:3"])}`),
      ...perhaps(0.12, () => `rot:${pick([90, 180, 270])}`),
      ...perhaps(0.08, () => `fl:${flag()}:${flag()}`),
      ...perhaps(0.15, () => `bg:${pick(["255:0:0", "00ff00", "abc"])}`),
      ...perhaps(0.05, () => `bl:${pick(["1", "2.5"])}`),
      ...perhaps(0.05, () => `t:${pick([10, 40])}`),
      ...perhaps(0.1, () => `q:${whole(30, 95)}`),
    ].join("/");
    const extension = pick(["", "", "", "jpg", "png", "webp", "gif"]);
    const encoded = Buffer.from(source).toString("base64url");
    const written = pick([
      `plain/${source}${extension && `@${extension}`}`,
      `${encoded}${extension && `.${extension}`}`,
    ]);
    return `unsafe/${options}/${written}`;
  },

  thumbor(dice, source) {
    const filters = thumborFilters(dice);
    const left = source.endsWith(".gif")
      ? filters.filter((filter) => !/^(?:format|rotate|proportion|fill)/.test(filter))
      : filters;
    return thumborUrl(dice, source, { filters: left });
  },

  imagor: (dice, source) =>
    thumborUrl(dice, source, { filters: imagorFilters(dice), isImagor: true }),

  ipx({ whole, pick, perhaps }, source) {
    const side = () => pick([whole(5, 60), whole(40, 200), whole(150, 400)]);
    const isStill = !source.endsWith(".gif");
    const formats = ["jpeg", "png", "webp", "gif", "jpg"];
    if (!source.endsWith("turned.jpg")) formats.push("avif", "tiff");
    const hasHeight = pick([true, false, false, false, false, false]);
    const format = perhaps(0.5, () => `f_${pick(formats)}`);
    const modifiers = [
      ...hasHeight ? [`h_${side()}`] : pick([
        [`s_${side()}x${side()}`],
        [`s_${side()}`],
        [`w_${side()}`],
        [`w_${side()}`, `h_${side()}`],
        [],
      ]),
      ...perhaps(0.4, () => `fit_${pick(["contain", "cover", "fill", "inside", "outside"])}`),
      ...perhaps(0.3, () => `pos_${pick(["top", "right-top", "left", "bottom", "southwest"])}`),
      ...perhaps(0.3, () => "enlarge"),
      ...perhaps(
        0.1,
        () => `extract_${whole(0, 20)}_${whole(0, 20)}_${whole(5, 30)}_${whole(5, 30)}`,
      ),
      ...perhaps(isStill ? 0.05 : 0, () => "trim_10"),
      ...perhaps(0.1, () => `extend_${whole(0, 9)}_${whole(0, 9)}_${whole(0, 9)}_${whole(0, 9)}`),
      ...perhaps(0.2, () => `b_${pick(["ff0000", "00ff00"])}`),
      ...perhaps(isStill && !hasHeight ? 0.12 : 0, () => `rotate_${pick([90, 180, 270, -90, 0])}`),
      ...perhaps(0.1, () => pick(["flip", "flop"])),
      ...perhaps(
        0.1,
        () => pick(["grayscale", "negate", "normalize", "blur_2", "sharpen_1", "gamma"]),
      ),
      ...perhaps(0.3, () => `q_${whole(30, 95)}`),
      ...format,
      ...perhaps(
        /avif|tiff|png|jp/.test(format.join()) ? 0 : 0.2,
        () => pick(["a", "animated"]),
      ),
    ];
    const written = modifiers.join(pick([",", "&"])) || "_";
    return `${written}/${source}`;
  },

  next({ whole, pick }, picture) {
    const source = picture.replace("moving.gif", "small.png");
    const width = pick([32, 48, 64, 96, 128, 256, 384, 640]);
    return `?url=${encodeURIComponent(source)}&w=${width}&q=${pick([75, whole(1, 100)])}`;
  },
};

interface PathParts {
  filters: readonly string[];
  isImagor?: boolean;
}

function thumborUrl(
  { whole, pick, perhaps }: Dice,
  picture: string,
  { filters, isImagor = false }: PathParts,
): string {
  const side = () => pick(["", "0", String(whole(5, 60)), String(whole(40, 400))]);
  const sign = () => pick(["", "", "", "-"]);
  const fits = ["fit-in", "full-fit-in", "adaptive-fit-in", "adaptive-full-fit-in"];
  const left = whole(0, isImagor ? 10 : 30);
  const top = whole(0, isImagor ? 8 : 20);
  // imagor takes a column and a row off crops that reach the far edges.
  const most = isImagor ? picture.endsWith("small.png") ? 20 : 80 : 200;
  const crop = `${left}x${top}:${left + whole(10, most)}x${top + whole(10, most)}`;
  const parts = [
    "unsafe",
    ...perhaps(
      0.06,
      () => pick(["trim", "trim:top-left", "trim:top-left:20", "trim:bottom-right"]),
    ),
    ...perhaps(0.2, () => crop),
    ...perhaps(0.35, () => pick(fits)),
    ...(isImagor ? perhaps(0.1, () => "stretch") : []),
    ...perhaps(0.9, () => `${sign()}${side()}x${sign()}${side()}`),
    ...perhaps(0.2, () => pick(["left", "right", "center"])),
    ...perhaps(0.2, () => pick(["top", "bottom", "middle"])),
    ...(filters.length > 0 ? [`filters:${filters.join(":")}`] : []),
  ];
  const isCut = parts.some((part) =>
    /^trim|:|adaptive|full/.test(part) && !part.startsWith("filters")
  );
  // imagor measures what it decodes whole before it turns it, and leaves lying what nothing resizes then.
  const isUpsideDown = parts.some((part) => /x-[^:]*$/.test(part));
  const source = isImagor && (isCut || isUpsideDown || filters.join().includes("focal"))
    ? picture.replace("turned", "wide")
    : picture;
  const url = parts.join("/");
  // What docs/dialects.md says of fill() and trim.
  const hasRoom = isImagor && url.includes("fill(") &&
    (isCut || isUpsideDown || /full|focal|rotate/.test(url));
  const known = hasRoom ? url.replace(/fill\([^)]*\)/, "strip_exif()") : url;
  const isTrimmedFirst = /^unsafe\/trim/.test(known) && known.includes(crop);
  return `${isTrimmedFirst ? known.replace(`/${crop}`, "") : known}/${encodeURIComponent(source)}`;
}

function sharedFilters({ whole, pick, perhaps }: Dice): string[] {
  return [
    ...perhaps(0.3, () => `format(${pick(["jpeg", "png", "webp", "gif"])})`),
    ...perhaps(0.3, () => `quality(${whole(30, 95)})`),
    ...perhaps(0.12, () => pick(["fill(red)", "fill(00ff00)", "fill(white)", "fill(transparent)"])),
    ...perhaps(0.1, () => pick(["no_upscale()", "upscale()"])),
    ...perhaps(0.05, () => `proportion(0.${whole(2, 9)})`),
    ...perhaps(0.05, () => "background_color(blue)"),
    ...perhaps(0.08, () => `rotate(${pick([0, 90, 180, 270])})`),
    ...perhaps(0.05, () => `brightness(${whole(-50, 50)})`),
    ...perhaps(0.05, () => "grayscale()"),
    ...perhaps(
      0.08,
      () => `focal(${whole(0, 40)}x${whole(0, 40)}:${whole(50, 90)}x${whole(50, 90)})`,
    ),
  ];
}

function thumborFilters(dice: Dice): string[] {
  return [
    ...sharedFilters(dice),
    ...dice.perhaps(0.05, () => "stretch()"),
    ...dice.perhaps(0.05, () => `blur(${dice.whole(1, 5)})`),
  ];
}

function imagorFilters(dice: Dice): string[] {
  const shared = sharedFilters(dice).filter((filter) => !/^(?:proportion|no_upscale)/.test(filter));
  // Filters are applied in the order of the URL there, and in one order here.
  const ordered = shared.some((filter) => filter.startsWith("rotate(")) ? [] : dice.pick([
    [`padding(red,${dice.whole(1, 9)})`],
    [`crop(5,5,${dice.whole(5, 60)},${dice.whole(5, 60)})`],
  ]);
  return [
    ...shared,
    ...dice.perhaps(0.05, () => `blur(${dice.whole(1, 5)})`),
    ...dice.perhaps(0.1, () => ordered).flat(),
    ...dice.perhaps(0.05, () => `page(1)`),
  ];
}
