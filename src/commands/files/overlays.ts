// What commands lay over pictures: the pictures that the setting `overlay` names, and URLs.
import { Buffer } from "node:buffer";
import { inSentence } from "../../errors.ts";
import { type Overlay, overlaysIn } from "../../options/overlay.ts";
import type { Options } from "../../options/table.ts";
import { filesAmong } from "../../serving/operator_pictures.ts";
import { parseNamedOverlay } from "../../settings/overlays.ts";
import type { Config } from "../../settings/table.ts";
import { messageOf } from "../terminal/output.ts";
import { type InputReader, isUrl } from "../terminal/remote.ts";

/** The bytes of all that the options lay over pictures, in their order. Rejects with one sentence. */
export async function readOverlays(
  options: Options,
  { config, reader }: { config: Config; reader: InputReader },
): Promise<Uint8Array[]> {
  const named = new Map(config.overlay.map((entry) => {
    const { name, picture } = parseNamedOverlay(entry);
    return [name, filesAmong([picture])[0] ?? picture];
  }));
  return await Promise.all(
    overlaysIn(options).map(async ({ name, overlay }) => {
      const place = named.get(overlay.picture) ?? urlOf(overlay);
      if (place === undefined) {
        throw new Error(
          `${name}: no -overlay gives the name ${overlay.picture}, and it is not the base64url of a URL`,
        );
      }
      try {
        return await reader.read(place);
      } catch (error) {
        throw new Error(`The overlay ${place} cannot be had: ${inSentence(messageOf(error))}`);
      }
    }),
  );
}

function urlOf({ picture }: Overlay): string | undefined {
  const url = Buffer.from(picture, "base64url").toString();
  return isUrl(url) ? url : undefined;
}
