import { firstValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { raw } from '../../../marble-tests/marbles.ts';
import { decode } from '../../../operators/decode.ts';
import type { RawFrame } from '../../../operators/frame.ts';
import { validate } from '../../../operators/validate.ts';
import { jetStreamTypes } from '../../../src/cli/jetstream/jet-stream-types.ts';
import { frameOf } from './delivered.ts';

const outcomeOf = (frame: RawFrame) => firstValueFrom(of(frame).pipe(decode(jetStreamTypes), validate()));
const json = (value: unknown) => frameOf(JSON.stringify(value));
const ID = '7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10';

describe('jetStreamTypes', () => {
  it.each([
    ['interaction.update', json({ type: 'interaction.update', id: 'a', routing: {}, result: '404', topicName: 'x' })],
    ['v2.users.{id}.presence', json({ topicName: `v2.users.${ID}.presence`, eventBody: {} })],
    ['notification', json({ topicName: `v2.users.${ID}.station`, eventBody: {} })],
    ['unknown', json({ type: 'call', n: 1 })],
    ['unknown', json([1])],
  ])('knows what is %s', async (payloadType, frame) => {
    expect(await outcomeOf(frame)).toMatchObject({ kind: 'parsed', payloadType });
  });

  it('knows audio by its bytes', async () => {
    expect(await outcomeOf(raw([0x80, 1, 2]))).toMatchObject({ payloadType: 'telephony.media' });
  });

  it('holds each against its own schema', async () => {
    expect(await outcomeOf(json({ type: 'interaction.update', id: 1 }))).toMatchObject({ reason: 'schema' });
    expect(await outcomeOf(frameOf('no JSON'))).toMatchObject({ reason: 'malformed-json' });
  });
});
