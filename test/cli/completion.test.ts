import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { bashScript } from '../../src/cli/completion/bash-script.ts';
import { completedCommand } from '../../src/cli/completion/completed-command.ts';
import { fishScript } from '../../src/cli/completion/fish-script.ts';
import { zshScript } from '../../src/cli/completion/zsh-script.ts';
import { folder, lines, rxframe } from './run.ts';

const commands = Object.entries(COMMANDS).map(([name, command]) => completedCommand(name, command));
const of = (name: string) => commands.find((command) => command.name === name)!;
const inShell = (shell: string, args: readonly string[], options: SpawnSyncOptions = {}) =>
  spawnSync(shell, args, { ...options, encoding: 'utf8' });
const isThere = (shell: string) => inShell(shell, ['-c', 'true']).status === 0;

describe('completedCommand', () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    'knows what each flag of %s is',
    (_, { flags, description }) => {
      expect(description).not.toBe('');
      const named = flags.filter(({ name }) => name !== 'no-color');
      expect(named.filter((flag) => flag.description === '' || flag.value === 'VALUE')).toEqual([]);
      expect(flags.map(({ name }) => name)).toEqual(expect.arrayContaining(['help', 'no-color']));
    },
  );

  it('reads what may follow from the help', () => {
    const flag = (command: string, name: string) => of(command).flags.find((one) => one.name === name);
    expect(flag('listen', 'json')).toMatchObject({ value: undefined, values: [] });
    expect(flag('listen', 'audit-file')).toMatchObject({ value: 'FILE', values: 'files' });
    expect(flag('listen', 'topic')).toMatchObject({ values: [], isRepeatable: true });
    expect(flag('listen', 'env')).toMatchObject({
      description: 'such as eu-central-1 or mypurecloud.de',
      values: expect.arrayContaining(['eu-central-1']) as unknown,
    });
    expect(flag('audiohook', 'record')?.values).toBe('folders');
    expect(of('channels')).toMatchObject({ words: ['list', 'delete'], takesFiles: false });
    expect(of('completion').words).toEqual(['bash', 'zsh', 'fish']);
  });
});

describe('the completion for bash', () => {
  const cwd = folder();
  mkdirSync(join(cwd, 'calls'));
  for (const name of ['all calls.ndjson', 'q*', 'q[12]', 'q1']) writeFileSync(join(cwd, name), '');

  it.each([
    [['rxframe', 'lis'], ['listen']],
    [
      ['rxframe', 'simulate'],
      ['simulate', 'simulate-audiohook'],
    ],
    [
      ['rxframe', 'listen', '--max'],
      ['--max-attempts', '--max-frames'],
    ],
    [
      ['rxframe', 'listen', '--env', 'eu-c'],
      ['eu-central-1', 'eu-central-2'],
    ],
    [
      ['rxframe', 'listen', '--env', '=', 'eu-c'],
      ['eu-central-1', 'eu-central-2'],
    ],
    [
      ['rxframe', 'listen', '--json', '--audit-file', ''],
      ['all calls.ndjson', 'calls', 'q*', 'q1', 'q[12]'],
    ],
    [
      ['rxframe', 'listen', '--audit-file', '='],
      ['all calls.ndjson', 'calls', 'q*', 'q1', 'q[12]'],
    ],
    [
      ['rxframe', 'audit', 'verify', 'q'],
      ['q*', 'q1', 'q[12]'],
    ],
    [['rxframe', 'listen', '--max-frames', ''], []],
    [['rxframe', 'audiohook', '--record', 'c'], ['calls']],
    [['rxframe', 'channels', 'l'], ['list']],
    [['rxframe', 'completion', 'z'], ['zsh']],
    [['rxframe', 'lisen', ''], []],
  ])('completes %j', (words, expected) => {
    const script = `${bashScript(commands)}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_rxframe
((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = inShell('bash', ['-c', script, 'bash', ...words], { cwd });
    expect(stderr).toBe('');
    expect(lines(stdout).sort()).toEqual(expected);
  });
});

describe('the completion for other shells', () => {
  it.skipIf(!isThere('zsh'))('is one for zsh', () => {
    const { status, stderr } = inShell('zsh', ['-n'], { input: zshScript(commands) });
    expect([status, stderr]).toEqual([0, '']);
  });

  it.skipIf(!isThere('fish'))('completes in fish', () => {
    const script = join(folder(), 'rxframe.fish');
    writeFileSync(script, fishScript(commands));
    const ask = `source ${script}; complete -C "rxframe lis"; complete -C "rxframe listen --env eu-west-"`;
    const { stdout, stderr } = inShell('fish', ['--no-config', '-c', ask]);
    expect(stderr).toBe('');
    expect(lines(stdout).map((line) => line.split('\t')[0])).toEqual(['listen', 'eu-west-1', 'eu-west-2']);
  });

  it.each([
    ['zsh', zshScript(commands), /^ {12}'--audit-file=\[append one audit record for each outcome\]:FILE:_files' \\$/m],
    [
      'fish',
      fishScript(commands),
      /^complete -c rxframe -n '__fish_seen_subcommand_from listen' -l audit-file -r -F -d /m,
    ],
  ])('has each flag of each command for %s, and names of files', (_, script, file) => {
    for (const { flags } of commands) {
      for (const { name } of flags) expect(script).toMatch(new RegExp(`--${name}\\b|-l ${name}\\b`));
    }
    expect(script).toMatch(file);
  });

  it('is printed by the command', async () => {
    const command = rxframe(['completion', 'bash']);
    expect(await command.ended).toBe(0);
    expect(command.stdout).toBe(bashScript(commands));
    expect(command.stderr).toBe('');
  });
});
