import { Agent } from 'node:http';
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** Makes the client's TCP connections, and knows them: `nodeSocket({ agent })`. */
export class ClientSockets extends Agent {
  /** In the order in which they were asked for. */
  readonly made: Socket[] = [];

  override createConnection(options: NetConnectOpts): Socket {
    const socket = connect(options);
    this.made.push(socket);
    return socket;
  }

  /** How many are there still. */
  get open(): number {
    return this.made.filter(({ destroyed }) => !destroyed).length;
  }
}
