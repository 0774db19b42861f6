/** `performance.now()` starts with the process; its clock, CLOCK_MONOTONIC, is the machine's. */
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds on a clock that all processes of this machine share. */
export function monotonic(): number {
  return origin + performance.now();
}
