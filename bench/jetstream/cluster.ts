import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { NatsServer } from '../../test/jetstream/nats-server.ts';

/** **Three NATS servers that are one engine**, all on this machine. */
export async function startCluster(): Promise<readonly NatsServer[]> {
  const ports = await freePorts(3);
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(', ');
  return Promise.all(
    ports.map((port, node) =>
      NatsServer.start(
        `server_name: bench-${node}\ncluster { name: bench, listen: "127.0.0.1:${port}", routes: [${routes}] }\n`,
      ),
    ),
  );
}

/** Ports that nobody listened on a moment ago: each node must know those of the others beforehand. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
