// Nothing of this runs: it has to compile, and what is marked as wrong must not.
import { connect, type ParsedFrame, type RejectedFrame } from 'rxframe';
import { genesysTypes } from 'rxframe/genesys';
import { decode, ofType, validate } from 'rxframe/operators';
import type { Observable } from 'rxjs';
import { maxAge } from '../src/max-age.ts';

const raw$ = connect({ url: 'wss://example.org/feed' });

// What a frame is known to be is known behind the stage too.
export const outcomes$: Observable<ParsedFrame<typeof genesysTypes> | RejectedFrame> = raw$.pipe(
  maxAge({ limit: 5_000 }),
  decode(genesysTypes),
  validate(),
  maxAge({ limit: 5_000, happened: ({ decodedData }) => ('at' in decodedData ? Number(decodedData.at) : Date.now()) }),
);

// @ts-expect-error -- before `decode` a frame has no decodedData
raw$.pipe(maxAge({ limit: 5_000, happened: ({ decodedData }) => Number(decodedData) }));

// @ts-expect-error -- without a limit
raw$.pipe(maxAge({}));

export const narrowed$ = outcomes$.pipe(ofType('keepalive'), maxAge({ limit: 5_000 }));
