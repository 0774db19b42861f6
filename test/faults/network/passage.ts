import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { noop } from 'rxjs';
import type { Fault } from './fault.ts';

/** The faults that last for some bytes. */
type Spell = Extract<Fault, { readonly bytes: number }>;

/** How often a throttled connection passes something on, in milliseconds. */
const TICK = 10;

/** For how long the end of a client is not answered on a dead connection, in milliseconds: longer than it waits for that. */
const LINGER = 400;

/**
 * **One connection through the proxy**: carries what the server sends to the client, with faults at their bytes, and what the
 * client sends to the server as it is. Keeps what it passed on. Both sockets must allow to be half open.
 */
export class Passage {
  readonly #client: Socket;
  readonly #server: Socket;
  /** By byte: the bits to turn. */
  readonly #flips = new Map<number, number>();
  /** The other faults, the next one first. */
  readonly #due: Exclude<Fault, { readonly kind: 'corrupt' }>[] = [];
  readonly #original: Buffer[] = [];
  readonly #forwarded: Buffer[] = [];
  readonly #gone = new AbortController();
  #offset = 0;
  #spell: Spell | undefined;
  #wasReset = false;
  #way: 'to-client' | 'to-server' | 'both' | undefined;

  constructor(client: Socket, server: Socket, faults: readonly Fault[]) {
    this.#client = client;
    this.#server = server;
    for (const fault of faults) {
      if (fault.kind === 'corrupt') this.#flips.set(fault.at, (this.#flips.get(fault.at) ?? 0) ^ fault.flip);
      else this.#due.push(fault);
    }
    this.#due.sort((one, other) => one.at - other.at);
    client.setNoDelay();
    // Ends of either side, orderly or not, are what this is about: 'close' follows.
    client.on('error', noop);
    server.on('error', noop);
    let letGo: NodeJS.Timeout | undefined;
    client.once('close', () => {
      clearTimeout(letGo);
      this.#gone.abort();
      server.destroy();
    });
    client.on('data', (bytes: Buffer) => {
      if (this.#way !== 'to-server' && this.#way !== 'both') server.write(bytes);
    });
    client.once('end', () => {
      // A client that has ended takes nothing more, so nothing more is waited for.
      this.#gone.abort();
      if (this.#way === undefined) server.end();
      else letGo = setTimeout(() => client.destroy(), LINGER);
    });
    this.#carry().catch((error: unknown) => {
      if (client.destroyed) return;
      this.#reset();
      if (!server.destroyed) throw error;
    });
  }

  /** Whether it ended with a reset by us: what the client's system had then, the client may or may not have got. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** What was passed on to the client, as the server had sent it. */
  get original(): Buffer {
    return Buffer.concat(this.#original);
  }

  /** The same bytes as the client got them. */
  get forwarded(): Buffer {
    return Buffer.concat(this.#forwarded);
  }

  async #carry(): Promise<void> {
    if (await this.#strike()) return;
    for await (const chunk of this.#server as AsyncIterable<Buffer>) {
      for (let rest = chunk; rest.length > 0;) {
        const piece = rest.subarray(0, this.#reach());
        rest = rest.subarray(piece.length);
        await this.#pass(piece);
        if (await this.#strike()) return;
      }
    }
    this.#client.end();
  }

  /** How many bytes there are until something changes. */
  #reach(): number {
    const next = this.#due[0]?.at ?? Infinity;
    const end = this.#spell === undefined ? Infinity : this.#spell.at + this.#spell.bytes;
    return Math.min(next, end > this.#offset ? end : Infinity) - this.#offset;
  }

  /** Brings about what is due at this byte; tells whether that was the end of the connection. */
  async #strike(): Promise<boolean> {
    for (let fault = this.#due[0]; fault !== undefined && fault.at <= this.#offset; fault = this.#due[0]) {
      this.#due.shift();
      switch (fault.kind) {
        case 'fin':
          this.#client.end();
          this.#server.destroy();
          return true;
        case 'rst':
          this.#reset();
          return true;
        case 'dead':
          this.#way = fault.way;
          if (fault.way === 'to-server') break;
          // A client that has ended already says nothing more that would be waited for.
          if (this.#gone.signal.aborted) this.#client.destroy();
          else await once(this.#client, 'close');
          return true;
        case 'stall':
          await this.#wait(fault.ms);
          break;
        default:
          this.#spell = fault;
      }
    }
    return false;
  }

  async #pass(piece: Buffer): Promise<void> {
    const spell = this.#spell;
    const isOver = spell === undefined || this.#offset >= spell.at + spell.bytes;
    switch (isOver ? undefined : spell.kind) {
      case 'fragment':
        for (const byte of parts(piece, 1)) {
          await this.#write(byte);
          // The client reads it before the next one comes.
          await turn();
        }
        break;
      case 'throttle': {
        const { bytesPerSecond } = spell as Spell & { readonly kind: 'throttle' };
        for (const part of parts(piece, Math.ceil((bytesPerSecond * TICK) / 1_000))) {
          await this.#wait((part.length / bytesPerSecond) * 1_000);
          await this.#write(part);
        }
        break;
      }
      case 'delay':
        await this.#wait((spell as Spell & { readonly kind: 'delay' }).ms);
        await this.#write(piece);
        break;
      default:
        await this.#write(piece);
    }
  }

  /** Done when the system has the bytes. */
  async #write(bytes: Buffer): Promise<void> {
    const altered = Buffer.from(bytes);
    for (const [at, flip] of this.#flips) {
      const place = at - this.#offset;
      if (place >= 0 && place < altered.length) altered[place]! ^= flip;
    }
    this.#offset += bytes.length;
    this.#original.push(bytes);
    this.#forwarded.push(altered);
    await new Promise<void>((resolve, reject) => {
      this.#client.write(altered, (error) => (error == null ? resolve() : reject(error)));
    });
  }

  #reset(): void {
    this.#wasReset = true;
    this.#client.resetAndDestroy();
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#gone.signal });
  }
}

function* parts(bytes: Buffer, length: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}
