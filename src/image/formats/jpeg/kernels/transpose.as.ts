// Eight vectors of eight values with rows and columns changed, in AssemblyScript, for the kernels that transform JPEG's
// blocks one way or the other.

// deno-fmt-ignore
// @ts-ignore: AssemblyScript's decorator
@inline
export function transpose8(block: usize): void {
  const v0 = v128.load(block), v1 = v128.load(block, 16);
  const v2 = v128.load(block, 32), v3 = v128.load(block, 48);
  const v4 = v128.load(block, 64), v5 = v128.load(block, 80);
  const v6 = v128.load(block, 96), v7 = v128.load(block, 112);
  const a0 = i16x8.shuffle(v0, v4, 0, 8, 1, 9, 2, 10, 3, 11), a1 = i16x8.shuffle(v0, v4, 4, 12, 5, 13, 6, 14, 7, 15);
  const a2 = i16x8.shuffle(v1, v5, 0, 8, 1, 9, 2, 10, 3, 11), a3 = i16x8.shuffle(v1, v5, 4, 12, 5, 13, 6, 14, 7, 15);
  const a4 = i16x8.shuffle(v2, v6, 0, 8, 1, 9, 2, 10, 3, 11), a5 = i16x8.shuffle(v2, v6, 4, 12, 5, 13, 6, 14, 7, 15);
  const a6 = i16x8.shuffle(v3, v7, 0, 8, 1, 9, 2, 10, 3, 11), a7 = i16x8.shuffle(v3, v7, 4, 12, 5, 13, 6, 14, 7, 15);
  const b0 = i16x8.shuffle(a0, a4, 0, 8, 1, 9, 2, 10, 3, 11), b1 = i16x8.shuffle(a0, a4, 4, 12, 5, 13, 6, 14, 7, 15);
  const b2 = i16x8.shuffle(a1, a5, 0, 8, 1, 9, 2, 10, 3, 11), b3 = i16x8.shuffle(a1, a5, 4, 12, 5, 13, 6, 14, 7, 15);
  const b4 = i16x8.shuffle(a2, a6, 0, 8, 1, 9, 2, 10, 3, 11), b5 = i16x8.shuffle(a2, a6, 4, 12, 5, 13, 6, 14, 7, 15);
  const b6 = i16x8.shuffle(a3, a7, 0, 8, 1, 9, 2, 10, 3, 11), b7 = i16x8.shuffle(a3, a7, 4, 12, 5, 13, 6, 14, 7, 15);
  v128.store(block, i16x8.shuffle(b0, b4, 0, 8, 1, 9, 2, 10, 3, 11));
  v128.store(block, i16x8.shuffle(b0, b4, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  v128.store(block, i16x8.shuffle(b1, b5, 0, 8, 1, 9, 2, 10, 3, 11), 32);
  v128.store(block, i16x8.shuffle(b1, b5, 4, 12, 5, 13, 6, 14, 7, 15), 48);
  v128.store(block, i16x8.shuffle(b2, b6, 0, 8, 1, 9, 2, 10, 3, 11), 64);
  v128.store(block, i16x8.shuffle(b2, b6, 4, 12, 5, 13, 6, 14, 7, 15), 80);
  v128.store(block, i16x8.shuffle(b3, b7, 0, 8, 1, 9, 2, 10, 3, 11), 96);
  v128.store(block, i16x8.shuffle(b3, b7, 4, 12, 5, 13, 6, 14, 7, 15), 112);
}
