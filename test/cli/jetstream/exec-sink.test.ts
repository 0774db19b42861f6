import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { execSink } from '../../../src/cli/jetstream/exec-sink.ts';
import { folder } from '../run.ts';
import { deliveryOf, frameOf } from './delivered.ts';

const done = { defaultValue: 'done' };

/** Runs a command for one frame. `here` is a folder that it may write to. */
function running(command: string, { timeout = 20_000, facts = {}, payload = '{}' } = {}) {
  const here = folder();
  const sink = execSink(command.replaceAll('HERE', here), timeout);
  const work$ = sink.work(frameOf(payload), deliveryOf(facts));
  return {
    sink,
    work$,
    outcome: () => lastValueFrom(work$, done),
    written: (name: string) => readFileSync(join(here, name), 'utf8'),
    write: (name: string, text: string) => writeFileSync(join(here, name), text),
  };
}

/** Whether a process is there that has not ended. */
function isAlive(pid: number): boolean {
  try {
    // One that has ended, and that nobody has asked for, is there still.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.concurrent('execSink', () => {
  it('gives the command the payload, and what is known of the frame', async () => {
    const { outcome, written } = running('cat >HERE/payload; env | grep ^RXFRAME_ | sort >HERE/facts', {
      payload: '{"text":"ü"}',
    });
    expect(await outcome()).toBe('done');
    expect(written('payload')).toBe('{"text":"ü"}');
    expect(written('facts')).toBe(`RXFRAME_BYTE_LENGTH=13
RXFRAME_DELIVERY_COUNT=1
RXFRAME_FRAME_ID=c1-7
RXFRAME_KEY=conversation-1
RXFRAME_MESSAGE_ID=id-1
RXFRAME_ORGANIZATION=acme
RXFRAME_PAYLOAD_TYPE=interaction.update
RXFRAME_SEQUENCE=42
RXFRAME_STREAM=GENESYS-3
RXFRAME_TIMESTAMP=2026-01-31T12:00:00.000Z
`);
  });

  it('keeps to itself what this process is let in with', async () => {
    vi.stubEnv('NATS_PASSWORD', 'S3CRET');
    vi.stubEnv('RXFRAME_WEBHOOK_AUTHORIZATION', 'Bearer S3CRET');
    vi.stubEnv('MINE', 'of the command');
    const { outcome, written } = running('env >HERE/all');
    expect(await outcome()).toBe('done');
    vi.unstubAllEnvs();
    expect(written('all')).toContain('MINE=of the command');
    expect(written('all')).not.toContain('S3CRET');
  });

  it('gives nothing of a text that a shell, or the environment, may take for something else', async () => {
    const facts = { key: 'a\0b\nRXFRAME_STREAM=$(x) ü%', organizationId: undefined, messageId: undefined };
    const { outcome, written } = running(
      'printf "%s|%s|%s" "$RXFRAME_KEY" "$RXFRAME_ORGANIZATION" "$RXFRAME_MESSAGE_ID" >HERE/a',
      {
        facts,
      },
    );
    expect(await outcome()).toBe('done');
    expect(written('a')).toBe('a%00b%0ARXFRAME_STREAM=$(x)%20%C3%BC%25||GENESYS-3-42');
  });

  it('is done though the command does not read what it is given', async () => {
    const { outcome } = running('exec 0<&-; sleep 0.1', { payload: 'x'.repeat(1_000_000) });
    expect(await outcome()).toBe('done');
  });

  it.each([
    ['exit 3', 'the command ended with exit code 3'],
    ['kill -9 $$', 'the command ended with SIGKILL'],
    ['no-such-command 2>/dev/null', 'the command ended with exit code 127'],
  ])('has failed where the command does: %s', async (command, message) => {
    await expect(running(command).outcome()).rejects.toThrow(message);
  });

  it('ends what takes too long, with all that it has started', async () => {
    const { outcome, sink, written } = running(
      'exec 2>/dev/null; echo $$ >HERE/pid; (echo ready; exec sleep 60) >HERE/child & wait',
      {
        timeout: 400,
      },
    );
    await expect(outcome()).rejects.toThrow('the command took longer than 0.4 s');
    await sink.close?.();
    expect(isAlive(Number(written('pid')))).toBe(false);
  });

  it('kills what is left of a command that has ended', async () => {
    const { outcome, written } = running('exec 2>/dev/null; sleep 60 >/dev/null & echo $! >HERE/pid');
    expect(await outcome()).toBe('done');
    const pid = Number(written('pid'));
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  });

  it('ends the command where the work is given up: by SIGTERM, and where that does not help, by SIGKILL', async () => {
    const { sink, work$, written } = running(
      'exec 2>/dev/null; trap "echo asked >>HERE/said" TERM; echo $$ >HERE/pid; while :; do sleep 0.05; done',
    );
    const working = work$.subscribe();
    const pid = await vi.waitFor(() => {
      const text = written('pid');
      expect(text).toMatch(/^\d+\n$/);
      return Number(text);
    });
    working.unsubscribe();
    await sink.close?.();
    expect(written('said')).toBe('asked\n');
    expect(isAlive(pid)).toBe(false);
  });

  it('waits on close for commands that end in order', async () => {
    const { sink, work$, written } = running(
      'exec 2>/dev/null; trap "sleep 0.3; echo tidy >HERE/tidy; exit" TERM; echo >HERE/up; while :; do sleep 0.05; done',
    );
    const working = work$.subscribe();
    await vi.waitFor(() => expect(written('up')).toBe('\n'));
    working.unsubscribe();
    await sink.close?.();
    expect(written('tidy')).toBe('tidy\n');
  });
});
