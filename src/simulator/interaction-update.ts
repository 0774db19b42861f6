import { integerBetween, pick, uuid, type Random } from './random.ts';
import { UNSEALED_DIGEST, sealDigest } from './seal-digest.ts';

/** What the members of an `interaction.update` are, as far as the faults change them. */
export interface InteractionUpdate {
  [member: string]: unknown;
  id: unknown;
  type: string;
  routing?: unknown;
  participants: Record<string, unknown>[];
}

/** What {@link interactionUpdate} makes. */
export interface InteractionUpdateShape {
  /** The size aimed at, in bytes once encoded. Not exceeded, except by what the mandatory members need (about 500 B). */
  readonly byteLength: number;
  /** The time of the event, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** Whether it carries a digest. */
  readonly digest: boolean;
}

const QUEUES = ['Sales', 'Billing', 'Technical Support', 'Förderanträge', 'Claims EMEA', 'サポート', 'Retention'];
const SKILLS = ['billing', 'spanish', 'mortgages', 'tier-2', 'vip', 'français', 'complaints', 'cards'];
const LANGUAGES = ['en-US', 'de-DE', 'ja-JP', 'fr-FR', 'es-419', 'pl-PL'];
const MEDIA_TYPES = ['voice', 'chat', 'email', 'message', 'callback'];
const PURPOSES = ['agent', 'acd', 'ivr', 'workflow', 'external'];
const STATES = ['alerting', 'dialing', 'connected', 'held', 'disconnected'];
const NAMES = [
  'Alex Turner', 'Zoë Müller', 'Maria Gonzalez', '佐藤 美咲', 'Priya Sharma', 'Łukasz Wójcik', 'John O\'Neill',
  'Anna "Annie" Berg', 'Chidi Okafor', 'Søren Ågård', 'Grace Kim', 'محمد علي', 'Mobile Caller 📱', 'Dana White',
]; // prettier-ignore
/** Plain ASCII, one byte a character, so that cutting it anywhere gives a frame its exact size. */
const NOTES =
  'Customer called about the invoice of last month and asks for a copy by post. Identity verified with the date of birth. ' +
  'Transferred from the self-service menu after two failed attempts. The caller prefers to be called back in the afternoon. ' +
  'Previous case was closed without a reply. Offered a voucher, which was declined. Follow-up agreed for next week. ';

const PARTICIPANTS_AT_MOST = 12;
/** What `,"note":""` takes beside its text. */
const NOTE_OVERHEAD = 10;

function participant(random: Random, purpose: string, timestamp: number): Record<string, unknown> {
  const made: Record<string, unknown> = {
    id: uuid(random),
    purpose,
    name: pick(random, NAMES),
    state: pick(random, STATES),
    connectedTime: new Date(timestamp - integerBetween(random, 0, 900_000)).toISOString(),
  };
  if (random() < 0.6) {
    made['attributes'] = {
      // A member `type` that is not the frame's: who looks for the type in the bytes must not fall for it.
      ...(random() < 0.3 && { type: 'telephony.media' }),
      customerId: String(integerBetween(random, 100_000, 999_999)),
      segment: pick(random, ['gold', 'silver', 'new', 'at risk']),
      lastMessage: pick(random, [
        'ok',
        'Merci beaucoup!',
        'sent {"type":"keepalive"}',
        'C:\\temp\\log.txt',
        '5 €',
        '¿Cuándo?',
      ]),
    };
  }
  return made;
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const mixed = [...list];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = integerBetween(random, 0, last);
    [mixed[last], mixed[other]] = [mixed[other] as T, mixed[last] as T];
  }
  return mixed;
}

const byteLengthOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** **An `interaction.update`**, as an object: the state of one interaction, as a contact centre would tell it. */
export function interactionUpdate(random: Random, shape: InteractionUpdateShape): InteractionUpdate {
  const first = participant(random, 'customer', shape.timestamp);
  const participants = [first];
  const members: [string, unknown][] = [
    ['type', 'interaction.update'],
    ['id', uuid(random)],
    ['mediaType', pick(random, MEDIA_TYPES)],
    ['direction', pick(random, ['inbound', 'outbound'])],
    ['timestamp', new Date(shape.timestamp).toISOString()],
    [
      'routing',
      {
        queueId: uuid(random),
        queueName: pick(random, QUEUES),
        skills: shuffled(random, SKILLS).slice(0, integerBetween(random, 0, 4)),
        priority: integerBetween(random, 0, 10),
        language: pick(random, LANGUAGES),
      },
    ],
    ['participants', participants],
  ];
  if (shape.digest) members.push(['digest', UNSEALED_DIGEST]);
  // Half of them begin with the type, a quarter with the id, the rest come in any order.
  const order = random();
  if (order >= 0.75) members.splice(0, members.length, ...shuffled(random, members));
  else if (order >= 0.5) members.splice(0, 2, members[1] as [string, unknown], members[0] as [string, unknown]);

  const update = Object.fromEntries(members) as InteractionUpdate;
  let byteLength = byteLengthOf(update);
  while (participants.length < PARTICIPANTS_AT_MOST) {
    const next = participant(random, pick(random, PURPOSES), shape.timestamp);
    const longer = byteLength + 1 + byteLengthOf(next);
    if (longer > shape.byteLength) break;
    participants.push(next);
    byteLength = longer;
  }
  const missing = shape.byteLength - byteLength - NOTE_OVERHEAD;
  if (missing > 0) {
    const start = integerBetween(random, 0, NOTES.length - 1);
    first['note'] = NOTES.repeat(Math.ceil(missing / NOTES.length) + 1).slice(start, start + missing);
  }
  return update;
}

/** The frame's bytes: JSON in UTF-8, the digest sealed where there is one. */
export function encodeUpdate(update: InteractionUpdate, wrongDigest = false): Buffer {
  const bytes = Buffer.from(JSON.stringify(update));
  return 'digest' in update ? sealDigest(bytes, wrongDigest) : bytes;
}
