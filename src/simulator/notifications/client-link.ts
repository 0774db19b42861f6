/** What carries a connection's messages to its client: a socket of a server, or one in memory. */
export interface ClientLink {
  /** Sends a message; `event` is the number of the event in it, for {@link LinkEvents.settled}. */
  send(text: string, event?: number): void;
  /** Closes with a handshake, after what was sent before. */
  close(code: number, reason: string): void;
  /** Breaks off with none; what is under way is lost. */
  cut(): void;
  /** Lets nothing pass any more, in either direction, and tells neither end: a half-open connection. */
  mute(): void;
}

/** What the link tells the service. */
export interface LinkEvents {
  /** A message of the client. */
  readonly message: (text: string) => void;
  /** The client is gone. */
  readonly end: () => void;
  /** An event reached the client, or was lost with the connection. Told once for each event sent. */
  settled(event: number, isDelivered: boolean): void;
}
