// CSS's words for how a picture and a box come together, which frameworks use, as options.

export const FITS = {
  cover: {},
  contain: { pad: true },
  fill: { fit: "stretch" },
  inside: { fit: true },
  outside: { fit: "outside" },
  "scale-down": { fit: true },
};
