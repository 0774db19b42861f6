import { readFileSync } from 'node:fs';

/** What waits in the system's buffers between a server on loopback and its clients, in bytes. */
export interface TcpQueues {
  /** Written by the server, and not acknowledged by the client's system. */
  readonly unsent: number;
  /** Received by the client's system, and not read by the client. */
  readonly unread: number;
}

const ESTABLISHED = '01';

/** The queues of the connections to that port: proc_net_tcp(5). */
export function tcpQueues(port: number): TcpQueues {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let unsent = 0;
  let unread = 0;
  for (const row of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1, -1)) {
    const [, local = '', remote = '', state, queues = ''] = row.trim().split(/\s+/);
    if (state !== ESTABLISHED) continue;
    const [sending, receiving] = queues.split(':').map((hex) => parseInt(hex, 16)) as [number, number];
    if (local.endsWith(suffix)) unsent += sending;
    if (remote.endsWith(suffix)) unread += receiving;
  }
  return { unsent, unread };
}
