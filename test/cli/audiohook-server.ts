import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { callAudioHook, type AudioHookCallOptions, type CallResult } from '../../src/simulator/index.ts';
import { folder, lines, rxframe, type Command } from './run.ts';

/** What both ends are given. Found in no text by chance. */
export const CREDENTIALS = {
  AUDIOHOOK_API_KEY: 'k3y-Zq7-do-not-show',
  AUDIOHOOK_CLIENT_SECRET: Buffer.from('s3cr3t-Zq7-do-not-show').toString('base64'),
};

/** A server that runs, and where. */
export interface RunningServer {
  readonly command: Command;
  readonly address: string;
  readonly cwd: string;
}

/** Runs `rxframe audiohook` with these flags, until it listens. */
export async function serve(args: readonly string[] = [], env: Record<string, string> = {}): Promise<RunningServer> {
  const cwd = folder();
  const command = rxframe(['audiohook', ...args], { cwd, env: { ...CREDENTIALS, ...env } });
  const [address] = await command.until('stdout', /ws:\/\/[^\s"]+(?=["\n])/);
  return { command, address, cwd };
}

/** Runs `rxframe simulate-audiohook` with these arguments. */
export function call(args: readonly string[], env: Record<string, string> = {}): Command {
  return rxframe(['simulate-audiohook', ...args], { env: { ...CREDENTIALS, ...env } });
}

/** Calls from this process, for what has no flag. */
export function calls(address: string, options: Partial<AudioHookCallOptions> = {}) {
  return callAudioHook({
    url: address,
    apiKey: CREDENTIALS.AUDIOHOOK_API_KEY,
    clientSecret: CREDENTIALS.AUDIOHOOK_CLIENT_SECRET,
    pace: 20,
    ...options,
  });
}

/** What became of them. */
export async function called(
  address: string,
  options: Partial<AudioHookCallOptions> = {},
): Promise<readonly CallResult[]> {
  return calls(address, options).results;
}

/** Stops a server, and gives its exit code. No secret is in what it said. */
export async function stop(command: Command): Promise<number | null> {
  command.child.kill('SIGTERM');
  const code = await command.ended;
  expectNoSecret(command.stdout + command.stderr);
  return code;
}

export function expectNoSecret(text: string): void {
  for (const secret of [...Object.values(CREDENTIALS), 's3cr3t-Zq7-do-not-show']) expect(text).not.toContain(secret);
}

/** The values on lines of JSON. */
export function values(text: string): Record<string, unknown>[] {
  return lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** What was recorded of each session, by its id. */
export function recordings(
  directory: string,
): Map<string, { readonly wav: Buffer | undefined; readonly log: Record<string, unknown>[] }> {
  const files = readdirSync(directory);
  const stems = new Set(files.map((file) => file.replace(/\.(?:wav|ndjson)$/, '')));
  return new Map(
    [...stems].map((stem) => {
      const [, id] = /^\d{8}T\d{6}\.\d{3}Z-([0-9a-f-]{36})$/.exec(stem)!;
      const path = join(directory, stem);
      const text = readFileSync(`${path}.ndjson`, 'utf8');
      expectNoSecret(text);
      const wav = files.includes(`${stem}.wav`) ? readFileSync(`${path}.wav`) : undefined;
      return [id!, { wav, log: values(text) }];
    }),
  );
}

/** The audio of a WAV file of PCMU with two channels, whose sizes are right. */
export function audioOf(wav: Buffer): Buffer {
  const audio = wav.subarray(58);
  expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
  expect([wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24)]).toEqual([7, 2, 8000]);
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
  expect(wav.readUInt32LE(46)).toBe(audio.length / 2);
  expect(wav.readUInt32LE(54)).toBe(audio.length);
  return audio;
}
