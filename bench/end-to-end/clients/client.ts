import type { Outcomes } from '../outcomes.ts';

/** A client that takes frames through the whole pipeline, audit log included. */
export interface Client {
  /** Opens a connection; resolves when the server has closed it with 1000. */
  readonly run: (url: string) => Promise<void>;
  /** Resolves with the outcomes of all connections when the audit log is with the operating system. */
  readonly finish: () => Promise<Outcomes>;
}

/** Starts a client that writes its audit log to a file. `consume` gets the place of each accepted frame on its connection. */
export type StartClient = (auditFile: string, consume: (sequence: number) => void) => Client;
