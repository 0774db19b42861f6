/** A program that is bundled, and how large it may be. */
export interface Budget {
  readonly name: string;
  /** What the program imports, by entry point: names, or all of it. */
  readonly imports: Readonly<Record<string, readonly string[] | '*'>>;
  readonly platform: 'browser' | 'node';
  /** Packages that are not counted. What else is needed is. */
  readonly aside: readonly string[];
  /** The packages in the bundle and aside: all of them, and no other. */
  readonly packages: readonly string[];
  /** In bytes, minified and compressed by `gzip -9`. */
  readonly atMost: number;
}

const AJV = ['ajv', 'ajv-formats'];
/** What reads the patterns of JSON Schemas. */
const PATTERNS = ['ret'];
/** What makes digests where there is no `node:crypto`. */
const DIGESTS = ['@noble/hashes'];
/** What ajv itself is made of. */
const AJV_WHOLE = [...AJV, 'fast-deep-equal', 'fast-uri', 'json-schema-traverse'];
/** What writes and reads captures. */
const MCAP = ['@mcap/core'];
const RXJS = ['rxjs'];
const RXJS_WHOLE = ['rxjs', 'tslib'];

const SIX = [
  ...['sizeGate', 'decode', 'validate', 'checksum', 'metrics', 'accepted'],
  ...['Meter', 'definePayloadTypes'],
];
const WITH_STANDARD_SCHEMAS = { rxframe: ['connect', 'reconnect'], 'rxframe/operators': [...SIX, 'standardType'] };
const WITH_JSON_SCHEMAS = { rxframe: ['connect', 'reconnect'], 'rxframe/operators': [...SIX, 'jsonType'] };

/** One name of `rxframe/operators` alone, in a browser. */
const alone = (name: string, atMost: number, packages = RXJS): Budget => ({
  name,
  imports: { 'rxframe/operators': [name] },
  platform: 'browser',
  aside: [...RXJS, ...AJV],
  packages,
  atMost,
});

/** A whole entry point. */
const whole = (entry: string, platform: Budget['platform'], atMost: number, packages: readonly string[]): Budget => ({
  name: `all of ${entry}`,
  imports: { [entry]: '*' },
  platform,
  aside: packages,
  packages,
  atMost,
});

/** **The budgets.** Raise one where what is added is worth it; lower it where something was saved. */
export const budgets: readonly Budget[] = [
  {
    name: 'connect, reconnect and six operators, with Standard Schemas',
    imports: WITH_STANDARD_SCHEMAS,
    platform: 'browser',
    aside: RXJS,
    packages: RXJS,
    atMost: 10_150,
  },
  {
    name: 'the same with rxjs',
    imports: WITH_STANDARD_SCHEMAS,
    platform: 'browser',
    aside: [],
    packages: RXJS_WHOLE,
    atMost: 18_150,
  },
  {
    name: 'connect, reconnect and six operators, with JSON Schemas',
    imports: WITH_JSON_SCHEMAS,
    platform: 'browser',
    aside: [...RXJS, ...AJV],
    packages: [...RXJS, ...AJV, ...PATTERNS],
    atMost: 14_600,
  },
  {
    name: 'the same with rxjs and ajv',
    imports: WITH_JSON_SCHEMAS,
    platform: 'browser',
    aside: [],
    packages: [...RXJS_WHOLE, ...AJV_WHOLE, ...PATTERNS],
    atMost: 64_500,
  },
  {
    name: 'connect and reconnect',
    imports: { rxframe: ['connect', 'reconnect'] },
    platform: 'browser',
    aside: RXJS,
    packages: RXJS,
    atMost: 6_700,
  },
  whole('rxframe', 'browser', 15_700, [...RXJS, ...AJV, ...PATTERNS, ...DIGESTS, 'ky']),
  whole('rxframe', 'node', 15_900, [...RXJS, ...AJV, ...PATTERNS, 'ky', 'ws']),
  whole('rxframe/operators', 'browser', 14_100, [...RXJS, ...AJV, ...PATTERNS, ...DIGESTS]),
  whole('rxframe/genesys', 'node', 38_500, [...RXJS, ...AJV, ...PATTERNS, 'ky', 'ws']),
  {
    name: 'notification channels, typed',
    imports: { 'rxframe/genesys': ['notifications', 'notificationTypes', 'platformApi', 'topics'] },
    platform: 'browser',
    aside: [...RXJS, 'ky'],
    packages: [...RXJS, ...DIGESTS, 'ky'],
    atMost: 25_800,
  },
  whole('rxframe/node', 'node', 24_500, [...RXJS, ...MCAP, 'pino', 'ws']),
  whole('rxframe/testing', 'node', 9_100, [...RXJS, ...AJV, ...PATTERNS]),
  whole('rxframe/simulator', 'node', 31_500, [...RXJS, 'ws']),
  alone('accepted', 800),
  alone('audit', 4_200, [...RXJS, ...DIGESTS]),
  alone('binaryType', 750, []),
  alone('checksum', 1_250),
  alone('chunked', 1_350),
  alone('circuitBreaker', 1_900),
  alone('decode', 1_700),
  alone('dedupe', 4_400, [...RXJS, ...DIGESTS]),
  alone('definePayloadTypes', 1_150, []),
  alone('detectGaps', 1_500),
  alone('failureClass', 650, []),
  alone('handover', 5_150, [...RXJS, ...DIGESTS]),
  alone('isRejected', 400, []),
  alone('jsonType', 5_700, [...AJV, ...PATTERNS]),
  alone('lift', 1_000),
  alone('liftEach', 1_000),
  alone('metrics', 1_050),
  alone('ofType', 1_100),
  alone('preselect', 2_500),
  alone('processWith', 2_150),
  alone('record', 1_000),
  alone('reconnect', 2_750),
  alone('reject', 400, []),
  alone('rejected', 800),
  alone('sizeGate', 1_500),
  alone('sha256', 2_900, DIGESTS),
  alone('standardType', 1_100, []),
  alone('toAsyncIterable', 1_700),
  alone('validate', 1_500),
  alone('watchdog', 900),
];
