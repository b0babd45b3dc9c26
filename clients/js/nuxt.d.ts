import type { ImageOptions } from "./index.d.ts";

export interface NuxtContext {
  modifiers?: Omit<ImageOptions, "fit"> & {
    fit?: "cover" | "contain" | "fill" | "inside" | "outside";
  };
  baseURL?: string;
}

export function getImage(src: string, context?: NuxtContext): { url: string };

declare const provider: () => { getImage: typeof getImage };
export default provider;
