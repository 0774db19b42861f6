import { spawn, type ChildProcess } from 'node:child_process';
import { Observable } from 'rxjs';
import type { LiveFrame } from '../../../operators/frame.ts';
import type { Delivery } from '../../jetstream/consume/delivery.ts';
import { frameFacts, type FrameFacts } from './frame-facts.ts';
import type { FrameSink } from './frame-sink.ts';

/** How long a command has after SIGTERM, in milliseconds, before it is killed. */
const TERM_TIMEOUT = 1_000;

/** What a command finds in its environment. */
const VARIABLES = {
  messageId: 'RXFRAME_MESSAGE_ID',
  payloadType: 'RXFRAME_PAYLOAD_TYPE',
  key: 'RXFRAME_KEY',
  organization: 'RXFRAME_ORGANIZATION',
  stream: 'RXFRAME_STREAM',
  sequence: 'RXFRAME_SEQUENCE',
  deliveryCount: 'RXFRAME_DELIVERY_COUNT',
  frameId: 'RXFRAME_FRAME_ID',
  timestamp: 'RXFRAME_TIMESTAMP',
} as const satisfies Record<keyof FrameFacts, string>;

/** By it a command sees that it has the whole payload: where this process is killed, stdin ends before. */
const BYTE_LENGTH = 'RXFRAME_BYTE_LENGTH';

/**
 * **Runs a command of the shell for each frame**, with the payload on its stdin. The work is done when it ends with exit code 0; with any other, or where it
 * takes too long, the work has failed.
 *
 * Each is a process group of its own. What is left of it when it ends, when it takes too long, and when the work is given up, is ended.
 *
 * @param timeout - how long it may take, in milliseconds
 */
export function execSink(command: string, timeout: number): FrameSink {
  const running = new Set<Promise<void>>();
  return {
    work: (frame, delivery) =>
      new Observable((subscriber) => {
        const child = start(command, frame, delivery);
        const gone = new Promise<void>((resolve) => {
          child.once('exit', () => resolve());
          child.once('error', () => resolve());
        });
        running.add(gone);
        void gone.then(() => running.delete(gone));

        const limit = setTimeout(() => {
          subscriber.error(new Error(`the command took longer than ${timeout / 1_000} s`));
        }, timeout);
        child.once('error', (error) => subscriber.error(error));
        child.once('exit', (code, signal) => {
          endGroup(child, 'SIGKILL');
          if (code === 0) subscriber.complete();
          else subscriber.error(new Error(`the command ended with ${signal ?? `exit code ${code ?? '?'}`}`));
        });
        subscriber.add(() => {
          clearTimeout(limit);
          if (child.exitCode === null && child.signalCode === null) void endInOrder(child, gone);
        });
      }),
    close: async () => {
      await Promise.all(running);
    },
  };
}

function start(command: string, frame: LiveFrame, delivery: Delivery): ChildProcess {
  const facts = frameFacts(frame, delivery);
  const variables = Object.entries(VARIABLES).map(([fact, name]) => [name, facts[fact as keyof FrameFacts]] as const);
  const child = spawn(command, {
    shell: true,
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { ...withoutSecrets(process.env), ...Object.fromEntries(variables), [BYTE_LENGTH]: String(frame.byteLength) },
  });
  // A command need not read what it is given.
  child.stdin.on('error', () => undefined);
  child.stdin.end(frame.rawData);
  return child;
}

async function endInOrder(child: ChildProcess, gone: Promise<void>): Promise<void> {
  endGroup(child, 'SIGTERM');
  const kill = setTimeout(() => endGroup(child, 'SIGKILL'), TERM_TIMEOUT);
  await gone;
  clearTimeout(kill);
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  // It was never started.
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left.
  }
}

/** What this process is let in with is none of the command's business. */
const SECRETS = [
  'NATS_USER',
  'NATS_PASSWORD',
  'NATS_TOKEN',
  'NATS_URL',
  'NATS_CREDS',
  'RXFRAME_WEBHOOK_AUTHORIZATION',
  'GENESYS_CLIENT_SECRET',
];

function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRETS.includes(name)));
}
