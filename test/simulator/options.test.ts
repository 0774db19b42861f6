import { describe, expect, it } from 'vitest';
import { startSimulator, type SimulatorOptions } from '../../src/simulator/index.ts';

describe('startSimulator', () => {
  it.each<[unknown, string]>([
    [{ rate: -1 }, 'RangeError: startSimulator: rate must be a positive number, got -1'],
    [{ rate: 0 }, 'RangeError: startSimulator: rate must be a positive number, got 0'],
    [{ rate: NaN }, 'RangeError: startSimulator: rate must be a positive number, got NaN'],
    [{ rate: '5' }, 'TypeError: startSimulator: rate must be a positive number, got "5"'],
    [{ port: 70_000 }, 'RangeError: startSimulator: port must be an integer from 0 to 65535, got 70000'],
    [{ seed: 1.5 }, 'RangeError: startSimulator: seed must be an integer from 0 to 4294967295, got 1.5'],
    [{ frames: -1 }, 'RangeError: startSimulator: frames must be an integer from 0, or Infinity, got -1'],
    [{ badRate: 1.1 }, 'RangeError: startSimulator: badRate must be a number from 0 to 1, got 1.1'],
    [{ poolSize: 0 }, 'RangeError: startSimulator: poolSize must be a positive integer or Infinity, got 0'],
    [{ oversizeBytes: 12 }, 'RangeError: startSimulator: oversizeBytes must be an integer from 1024, got 12'],
    [
      { payloadBytes: { min: 500, max: 400 } },
      'RangeError: startSimulator: payloadBytes.max must be an integer from min (500), got 400',
    ],
    [
      { tokenLifetime: 0 },
      'RangeError: startSimulator: tokenLifetime must be a number of seconds above 0 and at most 2147483, got 0',
    ],
    [{ clientId: '' }, 'RangeError: startSimulator: clientId must be a string that is not empty, got ""'],
    [{ answerPings: 'no' }, 'TypeError: startSimulator: answerPings must be true or false, got "no"'],
    [{ onSent: 1 }, 'TypeError: startSimulator: onSent must be a function, got 1'],
    [{ script: {} }, 'TypeError: startSimulator: script must be an array, got an object'],
    [
      { script: [{ at: -1, drop: true }] },
      'RangeError: startSimulator: script[0].at must be an integer from 0, got -1',
    ],
    [{ script: [{ at: 1 }] }, 'TypeError: startSimulator: script[0] must have one of fault, close, drop and stall'],
    [
      { script: [{ at: 1, drop: true, stall: 5 }] },
      'TypeError: startSimulator: script[0] must have one of fault, close, drop and stall',
    ],
    [{ script: [{ at: 1, drop: false }] }, 'TypeError: startSimulator: script[0].drop must be true'],
    [
      {
        script: [
          { at: 1, drop: true },
          { at: 1, fault: 'odd' },
        ],
      },
      'RangeError: startSimulator: script[1].fault must be one of invalid-utf8, truncated-json, schema-violation, oversize, wrong-checksum, unknown-type, got "odd"',
    ],
    [
      { script: [{ at: 1, close: 1006 }] },
      'RangeError: startSimulator: script[0].close must be a close code that may be sent (1000 to 1003, 1007 to 1014, 3000 to 4999), got 1006',
    ],
    [
      { script: [{ at: 1, stall: 2 ** 31 }] },
      'RangeError: startSimulator: script[0].stall must be a number of milliseconds above 0 and at most 2147483647, or Infinity, got 2147483648',
    ],
    [{ upgrades: ['no'] }, 'TypeError: startSimulator: upgrades[0] must be an HTTP status from 200 to 599, got "no"'],
    [
      { upgrades: [{ status: 302, location: 'a\r\nb: c' }] },
      'RangeError: startSimulator: upgrades[0].location must be text that a header can carry, got "a\\r\\nb: c"',
    ],
    [
      { tokenResponses: [700] },
      'RangeError: startSimulator: tokenResponses[0] must be an HTTP status from 200 to 599, got 700',
    ],
    [{ grantedScopes: [1] }, 'TypeError: startSimulator: grantedScopes[0] must be a string, got 1'],
  ])('rejects %j', async (options, message) => {
    await expect(startSimulator(options as SimulatorOptions).catch(String)).resolves.toBe(message);
  });

  it('rejects an option that it does not have', async () => {
    const misspelt = { ratee: 5 } as SimulatorOptions;
    await expect(startSimulator(misspelt)).rejects.toThrow(
      /^startSimulator: options has no member "ratee"; it may have port,/,
    );
  });
});
