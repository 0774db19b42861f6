/** What everything random in this run comes from; `FAULT_SEED=n` replays it. */
export const FAULT_SEED = Number(process.env['FAULT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
