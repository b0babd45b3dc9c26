// The bits of a scan, for decode_kernel.as.ts, in AssemblyScript. What lies ahead is copied into a window without
// the zeros that follow 0xff, and last byte first: one load then has the next 57 bits in their order, wherever
// they start, and nothing has to be looked at on the way.

/** Bytes of a window, and of the room beside it where an MCU is read that the scan does not have. */
const WINDOW: i32 = 32_768;
/** More bytes than an MCU takes: 6 blocks of at most 64 codes of 16 bits with values of 15. */
const MCU: i32 = 1536;

/** The address behind the window's first byte: it is the highest. */
let top: usize = 0;
/** Bytes that the window has. */
let filled: i32 = 0;
/** Where the scan goes on, and whether there a marker ends it. */
let source: usize = 0;
let ended: bool = false;
/** Bits of the window that have been taken. */
let position: i32 = 0;
/** Whether an impossible code has come, or something was missing. */
let broken: bool = false;

// @ts-ignore: AssemblyScript's decorator
@inline
export function moveTo(at: i32): void {
  position = at;
}

/** Says that this is no scan. */
export function giveUp(): void {
  broken = true;
}

/** Where the next bits lie. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function here(): i32 {
  return position;
}

/** The address of the window's first eight bytes, for bitsFrom(). */
// @ts-ignore: AssemblyScript's decorator
@inline
export function windowStart(): usize {
  return top - 8;
}

/** The next 57 bits and more of a window, highest first. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function bitsFrom(start: usize, at: i32): u64 {
  return load<u64>(start - <usize>(at >> 3)) << (at & 7);
}

/** Bytes that a window takes. */
export function windowBytes(): i32 {
  return WINDOW + MCU + 32;
}

/** Starts a scan at an address; 16 bytes behind it must be readable, and a marker must end it. */
export function startScan(from: usize, window: usize): void {
  top = window + <usize>windowBytes();
  source = from;
  broken = false;
  startSegment();
}

function startSegment(): void {
  filled = 0;
  position = 0;
  ended = false;
  supply();
}

/** Whether everything so far was a scan. */
export function isSound(): bool {
  return !broken && position <= filled << 3;
}

/** Sees to it that as many bytes lie in the window as an MCU takes, as long as the scan has them. */
// @ts-ignore: AssemblyScript's decorator
@inline
export function supplyMcu(): void {
  if (position > (filled - MCU) << 3) supply();
}

function supply(): void {
  if (position > filled << 3) {
    broken = true;
    position = filled << 3;
  }
  if (ended) return;
  const taken = position >> 3;
  const kept = filled - taken;
  memory.copy(top - <usize>kept, top - <usize>filled, kept);
  position &= 7;
  filled = kept;
  while (filled <= WINDOW - 16) {
    const bytes = v128.load(source);
    if (!v128.any_true(i8x16.eq(bytes, i8x16.splat(-1)))) {
      const turned = i8x16.shuffle(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
      v128.store(top - <usize>filled - 16, turned);
      filled += 16;
      source += 16;
    } else if (!supplySlowly()) {
      ended = true;
      return;
    }
  }
}

/** Some bytes, up to and with the first 0xff; false where that begins a marker. */
function supplySlowly(): bool {
  while (true) {
    const byte = load<u8>(source);
    if (byte == 0xff && load<u8>(source, 1) != 0) return false;
    filled++;
    store<u8>(top - <usize>filled, byte);
    source += byte == 0xff ? 2 : 1;
    if (byte == 0xff) return true;
  }
}

/** Goes to the data behind the restart marker that has to be next. */
export function restart(marker: i32): void {
  if (!isSound()) broken = true;
  // Bytes that nobody has taken are no part of a scan, unless they fill it up.
  while (!ended) {
    broken = true;
    position = filled << 3;
    supply();
  }
  if (filled - (position >> 3) > 8 || load<u8>(source, 1) != <u8>marker) broken = true;
  else source += 2;
  startSegment();
}
