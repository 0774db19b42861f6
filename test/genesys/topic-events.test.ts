import { catchError, throwError } from 'rxjs';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { notificationTypes } from '../../src/genesys/notifications/notification-types.ts';
import { topicEvents } from '../../src/genesys/notifications/topic-events.ts';
import { topics } from '../../src/genesys/notifications/topics.ts';
import { drivenClient } from './driven-client.ts';

const id = '00000000-0000-4000-8000-000000000001';
const presence = topics.user(id).presence();
const routing = topics.user(id).routingStatus();

function client() {
  const driven = drivenClient();
  const { api, scheduler, platform } = driven;
  return { ...driven, events: topicEvents({ api, scheduler, connection: { socket: platform.socket } }) };
}

describe('topicEvents', () => {
  it('subscribes a topic once for all its subscribers, and removes it with the last', async () => {
    const { events, platform, pass, timers } = client();
    const subscriptionsNow = () => platform.channels().flatMap(({ subscriptions }) => subscriptions);
    const seen: unknown[] = [];
    const ten = Array.from({ length: 10 }, () =>
      events.topic$(presence).subscribe(({ decodedData }) => seen.push(decodedData.eventBody.message)),
    );
    const other = events.topic$(routing).subscribe();
    await pass(2_000);
    expect(subscriptionsNow()).toStrictEqual([`v2.users.${id}?presence&routingStatus`]);
    platform.publish(presence, { message: 'away' });
    await pass(1_000);
    expect(seen).toStrictEqual(Array.from({ length: 10 }, () => 'away'));

    for (const subscription of ten.slice(1)) subscription.unsubscribe();
    await pass(2_000);
    expect(subscriptionsNow()).toStrictEqual([`v2.users.${id}?presence&routingStatus`]);
    ten[0]!.unsubscribe();
    await pass(2_000);
    expect(subscriptionsNow()).toStrictEqual([routing]);
    other.unsubscribe();
    await pass(10_000);
    expect([platform.openSockets, timers()]).toStrictEqual([0, 0]);
  });

  it('takes a topic up again that nobody wanted meanwhile', async () => {
    const { events, platform, pass } = client();
    const seen: unknown[] = [];
    const presence$ = events.topic$(presence);
    presence$.subscribe().unsubscribe();
    presence$.subscribe(({ sequence }) => seen.push(sequence));
    events.topic$(presence).subscribe(({ kind }) => seen.push(kind));
    await pass(2_000);
    platform.publish(presence, {});
    await pass(1_000);
    expect(seen).toStrictEqual([expect.any(Number), 'parsed']);
  });

  it('delivers to who subscribes again inside an error', async () => {
    const { events, api, platform, pass } = client();
    const call = api.call.bind(api);
    const failing = vi.spyOn(api, 'call').mockImplementation(() => throwError(() => new Error('down')));
    const seen: unknown[] = [];
    events
      .topic$(presence)
      .pipe(
        catchError((_error: unknown, again$) => {
          failing.mockImplementation((request) => call(request));
          return again$;
        }),
      )
      .subscribe(({ decodedData }) => seen.push(decodedData.eventBody.message));
    await pass(5_000);
    platform.publish(presence, { message: 'away' });
    await pass(1_000);
    expect(seen).toStrictEqual(['away']);
  });

  it('shows rejected frames among the outcomes only', async () => {
    const { events, platform, pass } = client();
    const [seen, outcomes]: [unknown[], unknown[]] = [[], []];
    events.topic$(presence).subscribe(({ decodedData }) => seen.push(decodedData));
    events.outcomes$.subscribe(({ kind }) => outcomes.push(kind));
    await pass(2_000);
    platform.publish(presence, { message: 5 as never });
    await pass(1_000);
    expect(seen).toStrictEqual([]);
    expect(outcomes).toContain('rejected');
  });

  it('gives the error of the connection to each topic', async () => {
    const { events, api, pass } = client();
    for (let nth = 0; nth < 20; nth += 1)
      api.call({ method: 'POST', path: '/api/v2/notifications/channels' }).subscribe();
    await pass(2_000);
    const errors: unknown[] = [];
    for (const topic of [presence, routing])
      events.topic$(topic).subscribe({ error: (error: unknown) => errors.push((error as Error).name) });
    await pass(2_000);
    expect(errors).toStrictEqual(['ChannelLimitError', 'ChannelLimitError']);
  });

  it('refuses what is no topic', () => {
    expect(() => client().events.topic$('v2.users?' as 'v2.x')).toThrow(/^topicEvents: topic must be one topic/);
  });

  it('types the frames of a topic by its name', () => {
    const { events } = client();
    events.topic$(presence).subscribe((frame) => {
      expectTypeOf(frame.payloadType).toEqualTypeOf<'v2.users.{id}.presence'>();
    });
    events.topic$(topics.raw('v2.users.x.station')).subscribe(({ payloadType }) => {
      expectTypeOf(payloadType).toExtend<keyof typeof notificationTypes.rows>();
    });
    events.topic$('v2.users.x.station').subscribe(({ payloadType, decodedData }) => {
      expectTypeOf(payloadType).toEqualTypeOf<'notification'>();
      expectTypeOf(decodedData.topicName).toEqualTypeOf<string>();
    });
  });
});
