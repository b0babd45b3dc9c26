// Drawings that are short to write and long to draw.

export const svg = (inner: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(
    `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="1000">${inner}</svg>`,
  );
const filter = (inner: string, region = 'x="0" y="0" width="1" height="1"') =>
  svg(
    `<filter id="f" ${region}>${inner}</filter><rect width="1000" height="1000" filter="url(#f)"/>`,
  );
const nested = (kind: string, attribute: string) =>
  svg(
    `<${kind} id="k0"><path d="M0 0h9v9"/></${kind}>` +
      Array.from({ length: 60 }, (_, level) =>
        `<${kind} id="k${level + 1}">${
          `<rect width="900" height="900" ${attribute}="url(#k${level})"/>`.repeat(4)
        }</${kind}>`).join("") +
      `<rect width="1000" height="1000" ${attribute}="url(#k60)"/>`,
  );

export const SVG_BOMBS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "a filter's region of 1e9": filter("<feFlood/>", 'x="-5e8" y="-5e8" width="1e9" height="1e9"'),
  "a blur of 1e9": filter('<feGaussianBlur stdDeviation="1e9"/>'),
  "noise of many octaves in many steps": filter(
    '<feTurbulence baseFrequency="0.9" numOctaves="16"/>'.repeat(500),
  ),
  "a convolution of a large kernel": filter(
    `<feConvolveMatrix order="99" kernelMatrix="${"1 ".repeat(99 * 99)}"/>`.repeat(20),
  ),
  "a morphology of 1e6": filter('<feMorphology operator="dilate" radius="1e6"/>'),
  "masks in masks": nested("mask", "mask"),
  "clips in clips": nested("clipPath", "clip-path"),
  "patterns in patterns": svg(
    Array.from(
      { length: 40 },
      (_, level) =>
        `<pattern id="k${level + 1}" width="2" height="2" patternUnits="userSpaceOnUse">${
          `<rect width="9" height="9" fill="url(#k${level})"/>`.repeat(4)
        }</pattern>`,
    ).join("") + '<rect width="1000" height="1000" fill="url(#k40)"/>',
  ),
  "dashes without number": svg(
    '<path d="M0 0H1e9" stroke="red" stroke-dasharray="0.00001 0.00001"/>'.repeat(50),
  ),
  "a path of millions of points": svg(`<path stroke="red" d="M0 0${"l9 9-9 8".repeat(1e6)}"/>`),
  "a stroke as wide as anything": svg(
    `<path d="M0 0${"c9 9 8 8 7 1".repeat(2e4)}" stroke="red" stroke-width="1e9"/>`,
  ),
  "layers on layers": svg('<g opacity="0.5">'.repeat(199) + "<path/>" + "</g>".repeat(199)),
};
