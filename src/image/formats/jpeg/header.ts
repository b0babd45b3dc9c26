// JPEG (ITU-T T.81 annex B). Markers are found exactly as libjpeg finds them, so that no picture can
// show one size to us and another to the decoder.

import type { ByteReader } from "../reading/byte_reader.ts";
import { readExifOrientation } from "../reading/exif.ts";
import {
  type ColorModel,
  type HeaderFacts,
  type Orientation,
  undecodable,
} from "../reading/image_header.ts";
import { countScans } from "./jpeg_scans.ts";
import { EOI, nextSegment, SOI, SOS } from "./jpeg_segments.ts";

const APP1 = 0xe1, APP2 = 0xe2, APP14 = 0xee;
/** In the range of frame headers, but something else: DHT, JPG, DAC. */
const NOT_A_FRAME = [0xc4, 0xc8, 0xcc];

interface Frame {
  width: number;
  height: number;
  bitDepth: number;
  components: number;
  isProgressive: boolean;
  /** Samples of all components together for each pixel. */
  samples: number;
}

/** The header of a JPEG file, and the number of its scans where there may be more than one. */
export function readJpeg(reader: ByteReader): HeaderFacts {
  const { bytes } = reader;
  let frame: Frame | undefined;
  let scans = 1;
  let orientation: Orientation | undefined;
  let hasProfile = false;
  let adobeTransform: number | undefined;
  let scanAt: number;

  for (let from = 2;;) {
    const segment = nextSegment(bytes, from, reader.step);
    if (!segment || segment.marker === EOI) throw endsBefore(frame === undefined);
    const { marker, at, body, end } = segment;
    if (marker === SOI) throw undecodable("The JPEG file starts a second picture in its header");
    if (marker === SOS) {
      if (frame && comesInScans(reader, frame, at)) scans = countScans(bytes, at);
      scanAt = at;
      break;
    }
    if (end > reader.length) throw endsBefore(frame === undefined);
    const length = end - at;
    if (marker >= 0xc0 && marker <= 0xcf && !NOT_A_FRAME.includes(marker)) {
      // libjpeg refuses a second frame header, so a second size is never decoded.
      if (frame) throw undecodable("The JPEG file has two frame headers");
      if (length < 8) throw undecodable("The JPEG file has a frame header that is too short");
      frame = {
        bitDepth: reader.u8(body),
        height: reader.u16(body + 1),
        width: reader.u16(body + 3),
        components: reader.u8(body + 5),
        isProgressive: (marker & 3) === 2,
        samples: samplesIn(reader, { at: body + 6, end }),
      };
    } else if (marker === APP1 && reader.has(body, "Exif\0")) {
      orientation ??= readExifOrientation(reader, { start: body + 6, end });
    } else if (marker === APP2 && reader.has(body, "ICC_PROFILE\0")) {
      hasProfile = true;
    } else if (marker === APP14 && length >= 14 && reader.has(body, "Adobe")) {
      adobeTransform = reader.u8(body + 11);
    }
    from = end;
  }
  if (!frame) throw undecodable("The JPEG file has a scan before its frame header");
  const { width, height, bitDepth, components } = frame;
  // A height of 0 would be told later by a DNL marker, which libjpeg does not read.
  if (width === 0 || height === 0) throw undecodable(`The JPEG file is ${width}x${height} pixels`);
  return {
    width,
    height,
    frames: 1,
    animated: false,
    orientation: orientation ?? 1,
    hasAlpha: false,
    bitDepth,
    colorModel: colorModel(components, adobeTransform),
    hasProfile,
    ...(!hasEnd(bytes, scanAt) && { isCut: true }),
    totalPixels: width * height,
    ...(scans > 1 && { scans, coefficients: Math.ceil(width * height * frame.samples) }),
  };
}

/** Whether the file goes over its picture more than once: libjpeg then keeps the whole of it as coefficients. */
function comesInScans(reader: ByteReader, frame: Frame, scanAt: number): boolean {
  return frame.isProgressive ||
    (scanAt + 2 < reader.length && reader.u8(scanAt + 2) < frame.components);
}

/** How many samples come to a pixel, of all components of a frame together. */
function samplesIn(reader: ByteReader, { at, end }: { at: number; end: number }): number {
  const areas: number[] = [];
  let across = 1, down = 1;
  for (let component = at; component + 3 <= end; component += 3) {
    const factors = reader.u8(component + 1);
    const [own, below] = [Math.max(1, factors >> 4), Math.max(1, factors & 15)];
    areas.push(own * below);
    across = Math.max(across, own);
    down = Math.max(down, below);
  }
  return areas.reduce((sum, area) => sum + area, 0) / (across * down);
}

/** Whether an EOI follows: in the data of scans each 0xff is followed by a zero or the marker of a restart. */
function hasEnd(bytes: Uint8Array, scanAt: number): boolean {
  for (let at = bytes.length; at > scanAt;) {
    at = bytes.lastIndexOf(EOI, at - 1);
    if (at < scanAt) return false;
    if (bytes[at - 1] === 0xff) return true;
  }
  return false;
}

function colorModel(components: number, adobeTransform: number | undefined): ColorModel {
  if (components === 1) return "grey";
  if (components === 3) return "rgb";
  if (components !== 4) return "other";
  // As libjpeg has it, a transform that does not exist included.
  return adobeTransform ? "ycck" : "cmyk";
}

function endsBefore(noFrameYet: boolean) {
  return undecodable(`The JPEG file ends before its ${noFrameYet ? "frame header" : "first scan"}`);
}
