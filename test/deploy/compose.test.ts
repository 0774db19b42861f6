import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../src/cli/commands.ts';
import { parseFlags } from '../../src/cli/arguments/flags.ts';
import { metricsAddress } from '../../src/cli/arguments/metrics-address.ts';
import { NATS_FLAGS, natsWishes } from '../../src/cli/arguments/nats-flags.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command: readonly string[];
  readonly env_file: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly restart: string;
  readonly networks: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period: string;
}

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
};
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image === 'rxframe');
const servers = services.filter(([, { image }]) => image.startsWith('nats:'));

describe('docker-compose.yml', () => {
  it('has three servers, two ingesters and a consumer, that are all started again', () => {
    expect(services.map(([name]) => name)).toEqual(['nats-1', 'nats-2', 'nats-3', 'ingest-1', 'ingest-2', 'consume']);
    expect(servers).toHaveLength(3);
    expect(services.map(([, { restart }]) => restart)).toEqual(services.map(() => 'unless-stopped'));
  });

  it.each(ours)(
    'starts %s by flags that the command takes',
    (_, { command: [name = '', ...args], env_file, build }) => {
      const command = COMMANDS[name];
      expect(command).toBeDefined();
      const flags = parseFlags(args, { ...command?.flags, ...NATS_FLAGS });
      const wishes = natsWishes(flags, { NATS_USER: 'a', NATS_PASSWORD: 'b' });
      expect(wishes.servers).toEqual(servers.map(([server]) => `${server}:4222`));
      expect(metricsAddress(String((flags as Record<string, unknown>)['metrics-address']))).toEqual({
        host: '0.0.0.0',
        port: 9464,
      });
      expect(env_file).toContain('nats.env');
      expect(build).toBe('.');
    },
  );

  it('keeps each message on all servers', () => {
    const ingesters = ours.filter(([, { command }]) => command[0] === 'ingest');
    expect(ingesters).toHaveLength(2);
    for (const [, { command }] of ingesters) expect(command).toContain(`--replicas=${servers.length}`);
  });

  it.each(servers)(
    'gives %s a name, a volume and a health check, and nobody outside the way to it',
    (name, service) => {
      expect(service.environment).toEqual({ SERVER_NAME: name });
      expect(service.volumes).toEqual(['./nats.conf:/etc/nats/nats.conf:ro', `${name}:/data`]);
      expect(Object.keys(compose.volumes)).toContain(name);
      expect(service.healthcheck?.test.join(' ')).toContain('http://127.0.0.1:8222/healthz');
      expect(service.networks).toEqual(['nats']);
      expect(compose.networks['nats']).toEqual({ internal: true });
    },
  );

  it('waits for the servers, and leaves more time to stop than the commands take', () => {
    for (const [, { depends_on = {}, stop_grace_period }] of ours) {
      expect(Object.keys(depends_on)).toEqual(servers.map(([name]) => name));
      expect(Object.values(depends_on).every(({ condition }) => condition === 'service_healthy')).toBe(true);
      expect(Number.parseInt(stop_grace_period)).toBeGreaterThan(8);
    }
  });

  it('publishes no port, and has no secret', () => {
    expect(services.filter(([, service]) => 'ports' in service)).toEqual([]);
    expect(read('docker-compose.yml').replace(/^#.*$/gm, '')).not.toMatch(/password|secret/i);
  });
});
