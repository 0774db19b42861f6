import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkClock } from '../../src/cli/doctor/check-clock.ts';
import { STEPS, type CheckStep } from '../../src/cli/doctor/check-step.ts';
import { Checklist } from '../../src/cli/doctor/checklist.ts';
import { examineSocket } from '../../src/cli/doctor/examine-socket.ts';
import { lines, MAIN, run, rxframe } from './run.ts';
import { environmentOf, handWritten, handWrittenPlatform, SECRET, simulated } from './server.ts';

const TOPIC = 'v2.users.7c1f3a52-6a0e-4b6c-9d53-0f1f0e6f1d10.presence';

/** Runs it with `--json`, and gives the exit code and the steps; no secret is in them. */
async function examined(env: Record<string, string>, ...flags: string[]) {
  const command = rxframe(['doctor', '--json', ...flags], { env });
  const code = await command.ended;
  expect(command.stdout + command.stderr).not.toContain(SECRET);
  const steps = lines(command.stdout).map((line) => JSON.parse(line) as CheckStep);
  expect(steps.map(({ step }) => step)).toEqual(STEPS);
  const marks = steps.map(({ verdict }) => ({ ok: '✓', failed: '✗', skipped: '–' })[verdict]).join('');
  const find = (name: CheckStep['step']) => steps.find(({ step }) => step === name)!;
  return { code, marks, find, stderr: command.stderr };
}

/** A platform with one channel; what is said of other calls comes first. */
function platform(
  answer: Parameters<typeof handWrittenPlatform>[0],
  serve?: Parameters<typeof handWrittenPlatform>[1],
) {
  return handWrittenPlatform((call, origin) => {
    const body = {
      id: 'a',
      connectUri: `${origin}/channels/a`,
      expires: new Date(Date.now() + 86_400_000).toISOString(),
    };
    const usual: Record<string, object> = {
      'GET /channels': { body: { entities: [] } },
      'POST /channels': { body },
      'PUT /channels/a/subscriptions': { body: { entities: [{ id: TOPIC, state: 'Permitted' }] } },
      'DELETE /channels/a/subscriptions': { status: 204 },
    };
    return answer(call, origin) ?? usual[call];
  }, serve);
}

describe.concurrent('doctor', { timeout: 60_000 }, () => {
  it('finds no fault with a simulated Genesys Cloud, and shows it without colours where it is piped', async () => {
    const command = rxframe(['doctor', '--simulate']);
    expect(await command.ended).toBe(0);
    expect(lines(command.stdout).map((line) => line.split(/ +/).slice(0, 2))).toEqual(STEPS.map((step) => ['✓', step]));
    expect(command.stdout).toMatch(/^✓ token +one is given, for 24 h$/m);
    expect(command.stdout).toMatch(/^✓ pong +came after \d+\.\d ms$/m);
    expect(command.stdout).not.toContain('\u001b');
    expect(command.stderr).toBe('no step failed\n');
  });

  it('leaves no subscription and no socket behind', async () => {
    const simulator = await simulated();
    const { code, marks, find } = await examined(environmentOf(simulator), '--topic', TOPIC);
    expect([code, marks]).toEqual([0, '✓'.repeat(10)]);
    expect(find('topic').detail).toBe(`${TOPIC} is subscribed`);
    expect(find('configuration').detail).toContain('client secret from GENESYS_CLIENT_SECRET');
    expect(simulator.notifications.totals.connections).toBe(1);
    expect(simulator.notifications.channels()).toMatchObject([{ subscriptions: [], isConnected: false }]);
  });

  it('stops where there is no configuration, and says how to give one', async () => {
    const { code, marks, find, stderr } = await examined({});
    expect([code, marks]).toEqual([2, `✗${'–'.repeat(9)}`]);
    expect(find('configuration').detail).toContain('npx rxframe doctor --env eu-central-1');
    expect(find('hosts').detail).toBe('not tried');
    expect(stderr).toBe('1 of 10 steps failed\n');
  });

  it('stops where a name has no address', async () => {
    const simulator = await simulated();
    const env = { ...environmentOf(simulator), HTTPS_PROXY: `http://${SECRET}@127.0.0.1:1` };
    const { code, marks, find } = await examined(env, '--api-url', 'https://no-such-host.invalid');
    expect([code, marks]).toEqual([1, `✓✗${'–'.repeat(8)}`]);
    expect(find('hosts')).toMatchObject({
      code: 'ERR_NETWORK',
      detail: expect.stringContaining('no-such-host.invalid') as string,
    });
    expect(find('hosts').advice).toContain('NODE_USE_ENV_PROXY=1');
  });

  it('leaves names to a proxy that Node goes through', async () => {
    const simulator = await simulated();
    const proxy = { HTTPS_PROXY: `http://${SECRET}@127.0.0.1:1`, NODE_USE_ENV_PROXY: '1' };
    const env = { ...environmentOf(simulator), ...proxy };
    // The login server is on loopback with http://, and so is not reached by the proxy for https://.
    const { marks, find } = await examined(env, '--api-url', 'https://no-such-host.invalid');
    expect(marks).toBe(`✓✓✓✓✗${'–'.repeat(5)}`);
    expect(find('hosts').detail).toBe('left to the proxy of HTTPS_PROXY');
    expect(find('api').advice).toContain('Check that the proxy of HTTPS_PROXY can be reached');
  });

  it('stops where the credentials are refused', async () => {
    const simulator = await simulated();
    const { code, marks, find } = await examined({ ...environmentOf(simulator), GENESYS_CLIENT_SECRET: SECRET });
    expect([code, marks]).toEqual([3, `✓✓✗${'–'.repeat(7)}`]);
    expect(find('token')).toMatchObject({ code: 'ERR_AUTH', advice: expect.stringContaining('OAuth') as string });
  });

  it.each([
    ['the answer names fewer scopes', { grantedScopes: ['interaction:read'] }],
    [
      'the login server refuses them',
      { tokenResponses: ['ok', { status: 400, body: { error: 'invalid_scope' } }] as const },
    ],
  ])('takes a scope that channels do not need for no hindrance, where %s', async (_, options) => {
    const simulator = await simulated(options);
    const { code, marks, find } = await examined(environmentOf(simulator));
    expect([code, marks]).toEqual([0, '✓✓✓–✓✓✓✓✓✓']);
    expect(find('scopes').advice).toContain('Only the streaming endpoint needs these');
  });

  it.each([
    ['404', { status: 404, body: {} }, 'ERR_API', '--api-url'],
    ['403', { status: 403, body: { message: 'Missing notifications:channel:view' } }, 'ERR_API', 'Roles'],
    ['429', { status: 429, headers: { 'retry-after': '60' } }, 'ERR_THROTTLED', 'other programs'],
    ['a body of its own', { body: {} }, 'ERR_NETWORK', 'firewall'],
  ])('stops where the API answers %s', async (_, answer, expected, hint) => {
    const { code, marks, find } = await examined(await platform(() => answer));
    expect([code, marks]).toEqual([1, `✓✓✓✓✗${'–'.repeat(5)}`]);
    expect(find('api')).toMatchObject({ code: expected, advice: expect.stringContaining(hint) as string });
  });

  it('notices that the clocks differ', async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const env = await platform(
      (call) => (call === 'GET /channels' ? { headers: { date }, body: { entities: [] } } : undefined),
      (webSocket) => webSocket.send('{"topicName":"channel.metadata","eventBody":{"message":"pong"}}'),
    );
    const { code, marks, find } = await examined(env, '--topic', TOPIC);
    expect([code, marks]).toEqual([1, '✓✓✓✓✓✗✓✓✓✓']);
    expect(find('clock')).toMatchObject({
      detail: expect.stringMatching(/^ours is 3[56]\d\d\.\d s ahead$/) as string,
      advice: expect.stringContaining('NTP') as string,
    });
  });

  it('makes no channel where there are as many as are allowed', async () => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    const body = { entities: Array.from({ length: 20 }, () => ({ expires })) };
    const made: string[] = [];
    const env = await platform((call) => {
      made.push(call);
      return call === 'GET /channels' ? { body } : undefined;
    });
    const { code, marks, find } = await examined(env);
    expect([code, marks]).toEqual([1, `✓✓✓✓✓✓✗${'–'.repeat(3)}`]);
    expect(find('channel')).toMatchObject({
      code: 'ERR_CHANNEL_LIMIT',
      advice: expect.stringContaining('channels list') as string,
    });
    expect(made).not.toContain('POST /channels');
  });

  it('names the permissions that a topic takes, and tries the socket all the same', async () => {
    const denied = [{ topic: TOPIC, missingPermissions: ['presence:user:view'] }];
    const simulator = await simulated({ notifications: { denied } });
    const { code, marks, find } = await examined(environmentOf(simulator), '--topic', TOPIC);
    expect([code, marks]).toEqual([1, '✓✓✓✓✓✓✓✗✓✓']);
    expect(find('topic').advice).toContain('presence:user:view');
  });

  it('does not hold it against the platform that it knows no user who is made up', async () => {
    const simulator = await simulated({ notifications: { denied: [{ topic: 'v2.users.*' }] } });
    const { code, marks, find } = await examined(environmentOf(simulator));
    expect([code, marks]).toEqual([0, '✓✓✓✓✓✓✓–✓✓']);
    expect(find('topic').advice).toContain('--topic');
    const named = await examined(environmentOf(simulator), '--topic', TOPIC);
    expect([named.code, named.marks]).toEqual([1, '✓✓✓✓✓✓✓✗✓✓']);
  });

  it('says where the socket can not be opened', async () => {
    const connectUri = 'ws://127.0.0.1:1/channels/a';
    const body = { id: 'a', connectUri, expires: new Date(Date.now() + 86_400_000).toISOString() };
    const removed: string[] = [];
    const env = await platform((call) => {
      if (call.startsWith('DELETE')) removed.push(call);
      return call === 'POST /channels' ? { body } : undefined;
    });
    const { code, marks, find } = await examined(env, '--topic', TOPIC);
    expect([code, marks]).toEqual([1, '✓✓✓✓✓✓✓✓✗–']);
    expect(find('socket')).toMatchObject({
      code: 'ERR_NETWORK',
      advice: expect.stringContaining('WebSockets') as string,
    });
    expect(removed).toEqual(['DELETE /channels/a/subscriptions']);
  });

  it('shows no control character of what the platform says', async () => {
    const refused = { id: TOPIC, state: 'Rejected', rejectionReason: 'no\u009b2J\u202e' };
    const env = await platform(
      (call) => (call.startsWith('PUT') ? { body: { entities: [refused] } } : undefined),
      (webSocket) => webSocket.close(1008, 'gone\u001b[31m'),
    );
    const [inWords, inJson] = [[], ['--json']].map((json) => rxframe(['doctor', '--topic', TOPIC, ...json], { env }));
    expect([await inWords!.ended, await inJson!.ended]).toEqual([1, 1]);
    expect(inWords!.stdout).toContain(`✗ topic          ${TOPIC} is refused: no\ufffd2J\ufffd\n`);
    expect(inWords!.stdout).toMatch(/^✗ pong +The connection was closed with code 1008 \(gone\ufffd\[31m\)\.$/m);
    // eslint-disable-next-line no-control-regex -- control characters are just what is looked for
    expect(inWords!.stdout + inJson!.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(inWords!.stderr).toBe('2 of 10 steps failed\n');
  });

  it.skipIf(process.platform !== 'linux')('has colours on a terminal that has them', async () => {
    const doctor = (env: Record<string, string>) =>
      run('script', ['-qec', `"${process.execPath}" "${MAIN}" doctor --simulate`, '/dev/null'], {
        env: { TERM: 'xterm-256color', ...env },
      });
    const [colourful, plain] = [doctor({}), doctor({ NO_COLOR: '1' })];
    expect([await colourful.ended, await plain.ended]).toEqual([0, 0]);
    expect(colourful.stdout).toContain('\u001b[32m✓\u001b[39m configuration');
    expect(plain.stdout).not.toContain('\u001b');
  });
});

describe('the step clock', () => {
  it.each([
    [0, 'no difference in whole seconds'],
    [1_500, 'ours is 1.5 s behind'],
    [-2_000, 'ours is 2.0 s ahead'],
  ])('takes a difference of %i ms', (ahead, detail) => {
    expect(checkClock(ahead)).toEqual({ found: ahead, detail });
  });

  it.each([
    [2_001, 'failed'],
    [-60_000, 'failed'],
    [undefined, 'skipped'],
  ])('does not take one of %s ms: %s', (ahead, verdict) => {
    expect(() => checkClock(ahead)).toThrow(expect.objectContaining({ verdict }));
  });
});

describe('the step pong', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits 10 s, and no longer', async () => {
    let asked = '';
    const env = await handWritten((webSocket) => webSocket.on('message', (data: Buffer) => (asked = data.toString())));
    const steps: CheckStep[] = [];
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const ended = examineSocket(new Checklist((step) => steps.push(step)), env['GENESYS_STREAM_URL']!);
    await vi.waitUntil(() => asked !== '');
    expect(asked).toBe('{"message":"ping"}');
    vi.advanceTimersByTime(9_999);
    expect(steps).toMatchObject([{ step: 'socket', verdict: 'ok' }]);
    vi.advanceTimersByTime(1);
    await ended;
    expect(steps[1]).toMatchObject({ step: 'pong', verdict: 'failed', code: 'ERR_TIMEOUT' });
  });
});
