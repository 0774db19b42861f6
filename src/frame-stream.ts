import { ReplaySubject, share, type Observable } from 'rxjs';
import { accepted } from '../operators/accepted.ts';
import type { AuditRecordOptions } from '../operators/audit-record.ts';
import { audit, type AuditSink } from '../operators/audit.ts';
import { checksum } from '../operators/checksum.ts';
import type { ConnectionState } from '../operators/connection-state.ts';
import { decode } from '../operators/decode.ts';
import type { RejectedFrame } from '../operators/frame.ts';
import { Meter, type MeterSnapshot } from '../operators/meter.ts';
import { metrics } from '../operators/metrics.ts';
import { knownOptions, optionsObject } from '../operators/options.ts';
import type { ParsedFrame, PayloadTypes } from '../operators/payload-types.ts';
import { reconnect, type ReconnectOptions } from '../operators/reconnect.ts';
import { rejected } from '../operators/rejected.ts';
import { sizeGate, type SizeGateOptions } from '../operators/size-gate.ts';
import { validate, type ValidateOptions } from '../operators/validate.ts';
import { clientCredentials, type ClientCredentialsOptions } from './auth/client-credentials.ts';
import { webSocketUrl } from './connection/address.ts';
import type { ConnectOptions } from './connection/connect-options.ts';
import { connect } from './connection/connect.ts';
import { genesysTypes } from './genesys/payload-types.ts';
import { hostsOf, type GenesysEnvironment } from './genesys/regions.ts';

/** Options of {@link frameStream}. */
export interface FrameStreamOptions<Types extends PayloadTypes = typeof genesysTypes> {
  /** The region: `'eu-central-1'` or `'mypurecloud.de'`. Left out where `loginUrl` and `streamUrl` are both given. */
  readonly env?: GenesysEnvironment;
  /** The OAuth host. @defaultValue that of `env` */
  readonly loginUrl?: string;
  /** The streaming endpoint. @defaultValue that of `env` */
  readonly streamUrl?: string;
  /** Id of an OAuth client with the client credentials grant. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** @defaultValue `['streaming:subscribe', 'interaction:read']` */
  readonly scopes?: readonly string[];
  /** The payload type matrix. @defaultValue {@link genesysTypes} */
  readonly types?: Types;
  /** Where the audit records go, such as `pinoAuditSink()` of `rxframe/node`. @defaultValue no audit */
  readonly audit?: AuditSink;
  /** What counts. @defaultValue a `Meter` of its own */
  readonly meter?: Meter;
  /** More options of the parts; see each. */
  readonly connection?: Omit<ConnectOptions, 'url' | 'token' | 'state'>;
  readonly reconnect?: Omit<ReconnectOptions, 'state'>;
  readonly sizeGate?: SizeGateOptions;
  readonly validate?: ValidateOptions;
  readonly auditRecord?: AuditRecordOptions;
}

const OPTIONS = [
  'env',
  'loginUrl',
  'streamUrl',
  'clientId',
  'clientSecret',
  'scopes',
  'types',
  'audit',
  'meter',
  'connection',
  'reconnect',
  'sizeGate',
  'validate',
  'auditRecord',
];

/** What {@link frameStream} gives. */
export interface FrameStream<Types extends PayloadTypes> {
  /** Every outcome: `frames$` and `rejected$` in one, in order. */
  readonly outcomes$: Observable<ParsedFrame<Types> | RejectedFrame>;
  readonly frames$: Observable<ParsedFrame<Types>>;
  readonly rejected$: Observable<RejectedFrame>;
  /** The last state of the connection, and each from then on. */
  readonly state$: Observable<ConnectionState>;
  /** A snapshot of the meter at once, and each second. */
  readonly metrics$: Observable<MeterSnapshot>;
}

/**
 * **The whole pipeline, wired**: token, connection, reconnection, size gate, decode, validate, checksum, metrics, audit.
 *
 * `outcomes$`, `frames$` and `rejected$` share one connection: it opens with the first subscription and closes with the last.
 * All that it does can be done by hand with the exported parts.
 *
 * ```ts
 * const { frames$ } = frameStream({ env: 'eu-central-1', clientId, clientSecret });
 * frames$.pipe(ofType('interaction.update')).subscribe(({ decodedData }) => console.log(decodedData.id));
 * ```
 *
 * The bearer token travels in a header, which browsers can't send: use it in Node.
 *
 * @throws TypeError or RangeError at the call, where an option is not allowed
 */
export function frameStream<Types extends PayloadTypes = typeof genesysTypes>(
  options: FrameStreamOptions<Types>,
): FrameStream<Types> {
  knownOptions('frameStream', options, OPTIONS);
  const { env, clientId, clientSecret, scopes, connection = {}, reconnect: reconnection = {} } = options;
  optionsObject('frameStream: connection', connection);
  optionsObject('frameStream: reconnect', reconnection);
  if (options.auditRecord !== undefined && options.audit === undefined) {
    throw new TypeError('frameStream: auditRecord is for audit, which is not given');
  }
  const hosts = env === undefined ? undefined : hostsOf('frameStream: env', env);
  const credentials: ClientCredentialsOptions = {
    loginUrl: known('loginUrl', options.loginUrl ?? hosts?.loginUrl),
    clientId,
    clientSecret,
    ...(scopes !== undefined && { scopes }),
  };
  const url = webSocketUrl(known('streamUrl', options.streamUrl ?? hosts?.streamUrl), 'frameStream: streamUrl');
  const types = options.types ?? (genesysTypes as PayloadTypes as Types);
  const meter = options.meter ?? new Meter();
  const state$ = new ReplaySubject<ConnectionState>(1);

  const connected$ = connect({ ...connection, url, token: clientCredentials(credentials), state: state$ });
  const parsed$ = connected$.pipe(
    reconnect({ ...reconnection, state: state$ }),
    sizeGate(options.sizeGate),
    decode(types),
    validate(options.validate),
    checksum(),
    metrics(meter),
  );
  const audited$ = options.audit === undefined ? parsed$ : parsed$.pipe(audit(options.audit, options.auditRecord));
  const outcomes$ = audited$.pipe(share());

  return {
    outcomes$,
    frames$: outcomes$.pipe(accepted()),
    rejected$: outcomes$.pipe(rejected()),
    state$: state$.asObservable(),
    metrics$: meter.snapshots(),
  };
}

function known(name: string, url: string | undefined): string {
  if (url === undefined) throw new TypeError(`frameStream: env must be a region, where ${name} is not given`);
  return url;
}
