import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventIdentity, messageIdentity } from '../../src/genesys/notifications/event-identity.ts';
import { frames } from '../../src/testing/frames.ts';
import { jsonText } from '../../marble-tests/json-text.ts';

const identityOfText = (text: string) => eventIdentity(frames.raw(text));
const identityOf = (message: unknown) => identityOfText(JSON.stringify(message));

const event = {
  topicName: 'v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence',
  version: '2',
  eventBody: { source: 'PURECLOUD', presenceDefinition: { systemPresence: 'AVAILABLE' }, message: '' },
  metadata: { CorrelationId: '0d4c' },
};

describe('eventIdentity', () => {
  it('is the same for the same event, whichever connection brings it', () => {
    const text = JSON.stringify(event);
    const one = frames.raw(text, { connectionId: 'a', sequence: 1, timestamp: 1 });
    const other = frames.raw(text, { connectionId: 'b', sequence: 7, timestamp: 2 });
    expect(eventIdentity(one)).toBeTypeOf('string');
    expect(eventIdentity(other)).toBe(eventIdentity(one));
  });

  it('does not depend on the order of members, on spaces, on spelling, on the version, nor on a byte order mark', () => {
    const { topicName, version, eventBody, metadata } = event;
    const expected = identityOf(event);
    expect(identityOf({ metadata, eventBody, topicName, version })).toBe(expected);
    expect(identityOf({ ...event, version: '3' })).toBe(expected);
    expect(identityOf({ ...event, more: true })).toBe(expected);
    expect(identityOf({ ...event, metadata: { more: true, ...metadata } })).toBe(expected);
    expect(identityOfText(JSON.stringify(event, null, 2))).toBe(expected);
    expect(identityOfText(`\ufeff${JSON.stringify(event)}`)).toBe(expected);
    expect(identityOfText(JSON.stringify(event).replace('"PURECLOUD"', '"\\u0050URECLOUD"'))).toBe(expected);
  });

  it.each([
    ['topic', { ...event, topicName: 'v2.users.00000000-0000-0000-0000-000000000000.presence' }],
    ['body', { ...event, eventBody: { ...event.eventBody, message: ' ' } }],
    ['correlation id', { ...event, metadata: { CorrelationId: '0d4d' } }],
    ['presence of a correlation id', { ...event, metadata: {} }],
  ])('is another for another %s', (_, other) => {
    expect(identityOf(other)).toBeTypeOf('string');
    expect(identityOf(other)).not.toBe(identityOf(event));
  });

  it('tells apart what reads the same when it is put together', () => {
    const identities = [
      { topicName: 'v2.a', metadata: { CorrelationId: 'b' }, eventBody: {} },
      { topicName: 'v2.ab', eventBody: {} },
      { topicName: 'v2.a","b', eventBody: {} },
      { topicName: 'v2.a\nb', eventBody: {} },
      { topicName: 'v2.ab', metadata: { CorrelationId: '' }, eventBody: {} },
      { topicName: 'v2.ab', metadata: { CorrelationId: 'null' }, eventBody: {} },
    ].map(identityOf);
    expect(new Set(identities)).toHaveLength(identities.length);
  });

  it('is of the event, where it has no correlation id or one that is no text', () => {
    const { topicName, eventBody } = event;
    const expected = identityOf({ topicName, eventBody });
    expect(expected).toBeTypeOf('string');
    for (const metadata of [{}, null, 'text', { CorrelationId: null }, { CorrelationId: 7 }]) {
      expect(identityOf({ topicName, eventBody, metadata })).toBe(expected);
    }
  });

  it.each([
    ['a heartbeat', '{"topicName":"channel.metadata","eventBody":{"message":"WebSocket Heartbeat"}}'],
    ['a pong', '{"topicName":"channel.metadata","eventBody":{"message":"pong"}}'],
    ['the end of the socket', '{"topicName":"v2.system.socket_closing","eventBody":{"message":"soon"}}'],
    ['the end of a token', '{"topicName":"v2.system.token_revoked.a","eventBody":{}}'],
    ['an answer', '{"result":"200","status":"subscribed"}'],
    ['a topic without a body', '{"topicName":"v2.users.a.presence"}'],
    ['a body without a topic', '{"eventBody":{}}'],
    ['a topic that is no text', '{"topicName":7,"eventBody":{}}'],
    ['an array', '[{"topicName":"v2.users.a.presence","eventBody":{}}]'],
    ['null', 'null'],
    ['a number', '5'],
    ['no JSON', '{"topicName":"v2.users.a.presence","eventBody":{}'],
    ['nothing', ''],
  ])('is none for %s', (_, text) => {
    expect(identityOfText(text)).toBeUndefined();
  });

  it('is none for what is not UTF-8, then as before for what is', () => {
    const bytes = [...new TextEncoder().encode('{"topicName":"v2.a","eventBody":"')];
    expect(eventIdentity(frames.raw([...bytes, 0xc3, 0x22, 0x7d]))).toBeUndefined();
    expect(identityOf(event)).toBe(identityOf({ ...event }));
  });

  it('takes a message that is nested too deep to be written again for no event', () => {
    const text = (depth: number) => `{"topicName":"v2.a","eventBody":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(identityOfText(text(100))).toBeTypeOf('string');
    expect(identityOfText(text(100_000))).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    const messages = jsonText({
      members: ['topicName', 'eventBody', 'metadata', 'CorrelationId', '__proto__'],
      values: ['v2.users.a.presence', 'channel.metadata'],
    });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      messages.map((text) => new TextEncoder().encode(text)),
    );
    fc.assert(
      fc.property(bytes, fc.boolean(), (rawData, isBinary) => {
        const identity = eventIdentity(frames.raw(rawData, { isBinary }));
        expect(identity === undefined || /^[A-Za-z0-9+/]{43}=$/.test(identity)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('messageIdentity', () => {
  it('is the same for the message that is parsed', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.option(fc.string()), (topicName, eventBody, CorrelationId) => {
        const message = JSON.parse(JSON.stringify({ topicName, eventBody, metadata: { CorrelationId } })) as unknown;
        expect(messageIdentity(message)).toBe(identityOf(message));
      }),
    );
  });
});
