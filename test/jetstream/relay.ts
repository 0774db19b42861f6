import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** **A way to the server that can be cut for one client alone.** */
export class Relay {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #upstreams = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server, port: string) {
    this.#server = server;
    this.url = `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (client) => {
      const upstream = connect(Number(port), '127.0.0.1');
      this.#upstreams.add(upstream);
      this.#hold(client, upstream);
      this.#hold(upstream, client);
      if (this.#isCut) client.destroy();
    });
  }

  static async to(url: string): Promise<Relay> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Relay(server, new URL(url).port);
  }

  /** Ends what is open, and what is opened until {@link mend}. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  /** What is sent either way waits until {@link resume}; nothing is closed. */
  pause(): void {
    for (const socket of this.#sockets) socket.pause();
  }

  /** What the server says waits until {@link resume}, and is lost with a {@link cut}; it hears the client. */
  mute(): void {
    for (const socket of this.#upstreams) socket.pause();
  }

  resume(): void {
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #hold(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on('data', (data) => other.write(data));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#upstreams.delete(socket);
      other.destroy();
    });
  }
}
