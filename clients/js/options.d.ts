// Written by `deno task docs` from the table of options. Change that, not this file.
export interface NamedOptions {
  /** Remove the edges that have the colour of the top left pixel (with `se`, of the bottom right one), before all else. A tolerance says by how many of 255 levels each of red, green, blue and alpha may differ from it; `trim` alone takes exactly that colour. Written `trim`, `trim:10`, `trim:0:se`. */
  trim?: boolean | "trim" | number | string | readonly (number | string)[];
  /** Take the picture as it is stored, whichever way up its EXIF orientation says that it is. Written `noTurn`. */
  noTurn?: boolean;
  /** Crop to a rectangle before resizing: pixels, or shares of the image between 0 and 1. Negative `cx` and `cy` count from the right and bottom edge; what lies outside is clipped. Written `cw100,ch100`, `cx10,cy20,cw100,ch200`, `cx0.15,cy0.3,cw0.5,ch0.5`, `cx-100,cy-80`. */
  crop?: { x?: number; y?: number; width?: number; height?: number };
  /** Crop to this size before resizing, where the gravity says (the middle unless told) and `x`, `y` inward from there: pixels, or shares of the image between 0 and 1; 0 or nothing is the whole side. Written `crop:200x200`, `crop:0.5x0.5:se`, `crop:300x:n:0:20`. */
  placedCrop?: number | string | readonly (number | string)[];
  /** With a width and a height: fill the box from the most interesting region instead of the centre. Written `sc`. */
  smartCrop?: boolean;
  /** Fit inside the box of the size instead of filling it; nothing is cropped. `outside`: as small as covers the box, not cropped. `stretch`: the sides of the box, whatever becomes of the shape. `auto`: fill where picture and box are both upright or both lie, else fit. `turned`: fit inside the box or the box on its side, by what is larger. Written `fit`, `fit:outside`, `fit:stretch`, `fit:auto`, `fit:turned`. */
  fit?: boolean | "fit" | number | string | readonly (number | string)[];
  /** Multiplies the sides of the size, or those of the picture where no size is named. At most three decimals. Written `zoom:0.5`, `zoom:1.5`. */
  zoom?: number | string | readonly (number | string)[];
  /** Allow the picture, or what a crop left of it, to be enlarged. Only where the server allows it. Written `scaleUp`. */
  scaleUp?: boolean;
  /** Swap the sides of the size where the picture is upright and the box lies, or the other way round. Written `adapt`. */
  adapt?: boolean;
  /** Enlarge nothing, where the server's setting scaleUp has pictures enlarged. Written `noScaleUp`. */
  noScaleUp?: boolean;
  /** Round half a pixel of a side that follows from the other one to the even number, not up. Written `evenhalves`. */
  evenHalves?: boolean;
  /** Cut a side that follows from the other one to whole pixels, instead of rounding it; with `fit`, fit inside those. Written `rounddown`. */
  roundDown?: boolean;
  /** Reckon a side that follows from the other one as programs on libvips do, to the pixel: `thumbnail`, `imagor`, `sharp`, `weserv` and `imgproxy` from the whole pixels to which each of them shrinks a JPEG or a WebP on loading, `libvips` without that. Written `reckon:sharp`, `reckon:thumbnail`. */
  reckon?: number | string | readonly (number | string)[];
  /** A size as imgproxy reckons it, in the place of the size, `zoom`, `min` and `dpr`: the type is fit, fill, fill-down, force, auto; 0 or nothing is a side that is not wanted, the least sides come after the zooms and before dpr, which may lie below 1. The result is cropped to the wanted sides by `gravity` or `focus`. Written `resize:fill:300:200`, `resize:fit:300:0:1:1:2`, `resize:fit:300:200:1:1:1:150:150`. */
  resize?: number | string | readonly (number | string)[];
  /** With `resize:`, room around a picture that is smaller than the box, where the gravity puts the picture. Written `extend:c`, `extend:ne:5:5`. */
  extend?: number | string | readonly (number | string)[];
  /** With `resize:`, room around the picture that gives it the shape of the box. Written `extendratio:c`, `extendratio:s`. */
  extendRatio?: number | string | readonly (number | string)[];
  /** Make the box of a size with two sides smaller, in its shape, until no side exceeds that of the picture before it is trimmed (of that on its side, with `turned`); then fill it, or fit, stretch or pad to it. `sides`: make each side of a size that exceeds that of the picture as long as that. Written `within`, `within:turned`, `within:sides`. */
  within?: boolean | "within" | number | string | readonly (number | string)[];
  /** This share of the sides that all the other options lead to, cut to whole pixels. Written `proportion:0.5`. */
  proportion?: number | string | readonly (number | string)[];
  /** The aspect ratio. With one side of a size the other one follows from it; without a size the picture is cropped to the largest region of that shape, or with `pad` padded to it. A size of two sides has its own shape. Written `ar:16:9`, `ar:1:1`, `ar:1.91:1`. */
  aspect?: number | string | readonly (number | string)[];
  /** The smallest sides, in pixels, that `fit` or a size of one side may lead to. The picture is then made larger than the size asks, up to its own size, and cropped where it exceeds a wanted side. Not with `pad`. Written `min:200x200`, `min:x100`, `min:150x`, `min:300`. */
  min?: number | string | readonly (number | string)[];
  /** Which part of the picture a crop to a shape keeps, by compass (`n` is the top), or where `pad` puts it, and how far inward from there: pixels of the result, or shares of what it lies in. The middle, `c`, unless told. Written `gravity:ne`, `gravity:s`, `gravity:c`, `gravity:nw:10:0.1`. */
  gravity?: number | string | readonly (number | string)[];
  /** The point that a crop to a shape keeps nearest to its middle, as shares of the whole picture's width and height. It comes before gravity; `sc` comes before both. Written `focus:0.3:0.7`, `focus:1:0`. */
  focus?: number | string | readonly (number | string)[];
  /** The same in pixels of the whole picture. `focus` comes before it. Written `point:120:80`, `point:0.5:1000`. */
  point?: number | string | readonly (number | string)[];
  /** Answer exactly the box of the size: the picture lies in it whole, not enlarged, with transparent room around it, or room of the colour of `bg`. The box may be larger than the picture. Written `pad`. */
  pad?: boolean;
  /** Crop to a rectangle after resizing: pixels of the result, or shares of it between 0 and 1; 0 as width or height is all that is left. Negative `x` and `y` count from the right and bottom edge; what lies outside is clipped. Written `cut:10:10:100:50`, `cut:0.25:0.25:0.5:0.5`. */
  cut?: number | string | readonly (number | string)[];
  /** Room outside the resized picture, in pixels, up to 1000 an edge; an edge that is not named is as its opposite, or as the top. Transparent, or of the colour of `bg`. Written `padding:20`, `padding:10:40`, `padding:0:0:30:0`. */
  padding?: number | string | readonly (number | string)[];
  /** Pixels of the screen per pixel of the page: multiplies the sides of size and `min`, and the lengths of effects. It is lowered as far as the picture would have to be enlarged. At most two decimals. Written `dpr:2`, `dpr:1.5`. */
  dpr?: number | string | readonly (number | string)[];
  /** Rotate counter-clockwise, after resizing. Written `r90`, `r180`, `r270`. */
  rotate?: number;
  /** Rotate counter-clockwise by any number of degrees, after resizing and after `r`; the result is as large as the turned picture needs. Its corners are transparent, or have the colour of `bg`. Written `rotate:12.5`, `rotate:-30`, `rotate:90`. */
  angle?: number | string | readonly (number | string)[];
  /** Flip vertically, after rotating. Written `fv`. */
  flipVertical?: boolean;
  /** Flip horizontally, after rotating. Written `fh`. */
  flipHorizontal?: boolean;
  /** Spread the brightness over the whole range; of an animation, over all frames alike. The darkest and lightest hundredth of the pixels do not count. Written `normalize`. */
  normalize?: boolean;
  /** Add brightness, in hundredths of the whole range. Written `brightness:20`, `brightness:-35`. */
  brightness?: number | string | readonly (number | string)[];
  /** Change the distance from middle grey: -100 makes all grey, 100 doubles it. Written `contrast:30`, `contrast:-30`. */
  contrast?: number | string | readonly (number | string)[];
  /** Brighten the middle tones (above 1) or darken them (below 1); black and white stay. Written `gamma:1.5`, `gamma:0.6`. */
  gamma?: number | string | readonly (number | string)[];
  /** Change the distance of every colour from its grey: -100 makes all grey, 100 doubles it. Written `saturation:40`, `saturation:-50`. */
  saturation?: number | string | readonly (number | string)[];
  /** Turn every hue by these degrees around the circle of colours; brightness stays. Written `hue:90`, `hue:-30`. */
  hue?: number | string | readonly (number | string)[];
  /** Shades of grey, by how bright the colours look. Written `gray`. */
  gray?: boolean;
  /** The browns of an old photograph. Written `sepia`. */
  sepia?: boolean;
  /** Give everything the hue and saturation of a colour and keep the brightness; the alpha of the colour is the strength. Written `tint:steelblue`, `tint:f80`, `tint:ff000080`. */
  tint?: number | string | readonly (number | string)[];
  /** Two colours and what lies between them: the first for what is dark, the second for what is light. Written `duotone:001a66:ffd24d`, `duotone:c83658:d8e74f`. */
  duotone?: number | string | readonly (number | string)[];
  /** The negative; transparency stays. Written `invert`. */
  invert?: boolean;
  /** Sharpen by an unsharp mask of this standard deviation in pixels. Nothing is sharpened unless asked. Written `sharpen:1`, `sharpen:0.5`. */
  sharpen?: number | string | readonly (number | string)[];
  /** Blur by a Gaussian of this standard deviation in pixels. Transparency is blurred too, and colours do not bleed out of it. Written `blur:4`, `blur:0.8`. */
  blur?: number | string | readonly (number | string)[];
  /** Squares of this many pixels, from the top left corner. Written `pixelate:10`, `pixelate:24`. */
  pixelate?: number | string | readonly (number | string)[];
  /** The colour beneath the picture: of its transparent parts, of the room that `pad` makes and of the corners of `rotate:`, in every format. A CSS colour name, or hex digits as rgb, rgba, rrggbb or rrggbbaa. In formats without transparency it also lies outside of rounded corners, and what remains transparent becomes white. Written `bg:ffffff`, `bg:tomato`, `bg:08f`, `bg:00000080`. */
  background?: number | string | readonly (number | string)[];
  /** Lay another picture over this one: one to which the server's setting `overlay` gives a name, or one whose URL stands here in base64url, from a host that is allowed unless the signature covers the options. The gravity says where (the middle unless told), `x` and `y` how far inward from there: pixels, or shares of the result. `tile` lays it over and over, so far apart. The width is pixels or a share of the result's, 0 its own. The opacity goes from 0 to 1. It lies on every frame of an animation, and inside of `border` and `radius`. Written `overlay:logo:se:10:10`, `overlay:logo:tile:0.05:0.05:0.2:0.4`. */
  overlay?: number | string | readonly (number | string)[];
  /** Another one over it. Written `overlay2:logo:nw`, `overlay2:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLnBuZw:n:0:8:0.5`. */
  overlay2?: number | string | readonly (number | string)[];
  /** A third one over these. Written `overlay3:logo:ne:0.02:0.02:64`. */
  overlay3?: number | string | readonly (number | string)[];
  /** A fourth one over these. Written `overlay4:logo:sw:-8:-8:0:0.7`. */
  overlay4?: number | string | readonly (number | string)[];
  /** Write over the picture: at most 200 characters in base64url, with line breaks, wrapped at the picture's width. Gravity (the middle unless told, and `tile`), `x` and `y` are those of `overlay`; the lines lie as the gravity says. The size of the letters is pixels or a share of the result's shorter side, 0.08 unless told, the colour black unless told, or half transparent as `00000080`. Right-to-left scripts run that way. What the picture is too low for is left out, from the last line on. It lies over overlays, on every frame of an animation. The client encodes the words. Written `text:wqkgSi4gRG9lLCAyMDI2:se:8:8:0.12:white`, `text:U2FsZQ:tile:0.1:0.1:24:ffffff80`, `text:16nXnNeV150:n:0:0.05:0.2:gold`. */
  text?: string | readonly [string, ...(number | string)[]];
  /** The font of `text`: the name of a file in the server's setting `fontDir`, without its extension, or one of those that are built in: DejaVuSans, NotoSansHebrew, NotoNaskhArabic, the first unless told. Characters that it does not have are taken from one of the others. Written `font:DejaVuSans`, `font:NotoNaskhArabic`. */
  font?: number | string | readonly (number | string)[];
  /** A line along the inside of the edge, so that the size stays; it follows rounded corners. Black unless told. Written `border:8`, `border:4:gold`, `border:10:ffffff80`. */
  border?: number | string | readonly (number | string)[];
  /** Round the corners, by a radius in whole pixels up to 10000 or a share (between 0 and 1) of the shorter side; half of that side at most. `circle` leaves the largest circle in the middle. The corners become transparent, or where the format cannot, the colour of `bg`, white unless told. Written `radius:24`, `radius:0.25`, `circle`. */
  radius?: boolean | "circle" | number | string | readonly (number | string)[];
  /** Leave of the picture what lies within a shape, as large as the picture holds it, in its middle; an ellipse touches all four sides, and a square stands on a corner. The rest becomes transparent, or where the format cannot, the colour of `bg`, white unless told. Written `mask:heart`, `mask:ellipse`. */
  mask?: number | string | readonly (number | string)[];
  /** Quality, on one scale for all lossy formats: that of JPEG. The same number looks alike in each. `quality:auto` takes the lowest from 60 on at which the picture still looks like what is written: the structural similarity of the two is 0.97, or what is written behind it, from 0.8 to 0.999. It is found in at most four tries; of an animation, on the frame in its middle. Written `q60`, `q85`, `quality:auto`, `quality:auto:0.985`. */
  quality?: number | string;
  /** The format of the result (`jpg` is `jpeg`). GIF, WebP and `apng` move; of what moves the others show the first frame, `png` too, and a still is no `apng` but a PNG. `auto` takes the best format that the request's Accept header names. Written `png`, `jpeg`, `webp`, `avif`, `apng`, `auto`. */
  format?: "jpeg" | "png" | "apng" | "gif" | "webp" | "avif" | "jxl" | "tiff" | "jpg" | "auto";
  /** Where no format is named and none is negotiated: JPEG, PNG and GIF stay what they are, all else becomes PNG where it has transparency and JPEG where it has none, or what is named behind `basic:`. Written `basic`, `basic:png`. */
  basic?: boolean | "basic" | number | string | readonly (number | string)[];
  /** Write WebP, AVIF and JPEG XL without loss. A JPEG gets quality 100, the best that it has. Written `lossless`. */
  lossless?: boolean;
  /** Write a JPEG or PNG that shows a coarse picture before all of it has arrived. Written `progressive`. */
  progressive?: boolean;
  /** The best quality at which the result has at most this many bytes, never more than `q` or the default. Answers 413 where no quality is low enough. Written `maxbytes:20000`. */
  maxBytes?: number | string | readonly (number | string)[];
  /** Keep the colour profile and the values that it explains, where the format can hold both. Otherwise all colours are converted to sRGB. Written `icc:keep`. */
  profile?: number | string | readonly (number | string)[];
  /** Keep EXIF, XMP and IPTC, or of them the artist and the copyright. Otherwise all metadata is dropped, the location too. Written `meta:copyright`, `meta:keep`. */
  metadata?: number | string | readonly (number | string)[];
  /** Answers JSON instead of the picture: format, media type, width and height as seen, frames, duration, loops, orientation, transparency, bits, colour model and bytes of the original, from its header alone. With other facts named they are members of it. Written `info`. */
  info?: boolean;
  /** Answers the BlurHash of the picture that the other options make, over white, instead of the picture. Written `blurhash`. */
  blurhash?: boolean;
  /** Answers the ThumbHash of the picture that the other options make, in base64, instead of the picture. Written `thumbhash`. */
  thumbhash?: boolean;
  /** Answers a data URL of a tiny WebP of the picture that the other options make, at most 500 bytes long, instead of the picture: a placeholder for a page. Written `lqip`. */
  lqip?: boolean;
  /** Answers the dominant colour of the picture that the other options make, as `#rrggbb`. Written `color`. */
  color?: boolean;
  /** Answers so many colours of the picture that the other options make, each as `#rrggbb` on a line, those of most pixels first. Written `palette:5`. */
  palette?: number | string | readonly (number | string)[];
  /** One frame of an animation, or one page of a TIFF, as a still picture; the first is 0. Written `frame:0`, `frame:3`. */
  frame?: number | string | readonly (number | string)[];
  /** How often an animation plays; 0 is forever. As the original says unless told. Written `loop:0`, `loop:1`, `loop:3`. */
  loop?: number | string | readonly (number | string)[];
  /** Have browsers save the picture instead of showing it (`Content-Disposition: attachment`). Written `download`. */
  download?: boolean;
  /** The name under which browsers save the picture, without its extension; that of the remote URL unless told. Written `filename:holiday`, `filename:summer 2026`. */
  filename?: number | string | readonly (number | string)[];
  /** The picture to show, with the same options, where this one cannot be had: before the server's `fallbackImage`, and with the status of the failure like that. Its host must be allowed, or the signature cover the options. Written `fallback:aHR0cHM6Ly9leGFtcGxlLmNvbS9ub25lLnBuZw`. */
  fallback?: number | string | readonly (number | string)[];
  /** The options that the server's `presets` setting gives this name; what the URL says besides wins over them. Written `preset:avatar`. */
  preset?: number | string | readonly (number | string)[];
  /** Another version of the picture: a new text has it fetched and made anew, and changes nothing else. Written `v:2`. */
  cacheBuster?: number | string | readonly (number | string)[];
  /** The URL is valid until this time, in seconds since 1970; from then on it answers 410. Written `vu1800000000`. */
  validUntil?: number | Date;
}

export const OPTIONS: Readonly<Record<keyof NamedOptions, Readonly<Record<string, unknown>>>>;
