import { connect, Flow, reconnect, type ConnectionState } from 'rxframe';
import { genesysTypes } from 'rxframe/genesys';
import { accepted, checksum, decode, ofType, processWith, sizeGate, validate } from 'rxframe/operators';
import { map, Subject, type Observable } from 'rxjs';

const state = new Subject<ConnectionState>();
const flow = new Flow();

/** What a consumer in a browser writes: no type of Node is about. */
export const ids$: Observable<string> = connect({
  url: () => 'wss://example.org/feed',
  protocols: ['v1'],
  state,
  flow,
}).pipe(
  reconnect({ state }),
  sizeGate(),
  decode(genesysTypes),
  validate(),
  checksum(),
  accepted(),
  ofType('interaction.update'),
  map(({ decodedData }) => decodedData.id),
);

export const lengths$ = connect({ url: 'wss://example.org/feed', flow }).pipe(
  processWith(({ byteLength }) => Promise.resolve(byteLength), { flow }),
);

// @ts-expect-error -- validate does not compile before decode
export const wrong$ = connect({ url: 'wss://example.org/feed' }).pipe(validate());
