/** What a client asks the server for, in the query of its address. */
export interface Feed {
  readonly frames: number;
  /** Frames a second; as fast as the client takes them where left out. */
  readonly rate?: number;
  /** Whether the parent is told when each frame was sent. */
  readonly timed?: boolean;
  /** Whether the connection stays open after its frames. */
  readonly held?: boolean;
  /** Whether frames that are not UTF-8 are left out: browsers end the connection at the first. */
  readonly wellFormed?: boolean;
}

/** The address of a feed. */
export function feedUrl(server: string, feed: Feed): string {
  const query = Object.entries(feed).map(([name, value]) => [name, JSON.stringify(value)]);
  return `${server}?${new URLSearchParams(query).toString()}`;
}

/** The feed that an address asks for. */
export function feedOf(url: string): Feed {
  const { searchParams } = new URL(url, 'ws://127.0.0.1');
  const feed: unknown = Object.fromEntries([...searchParams].map(([name, value]) => [name, JSON.parse(value)]));
  return feed as Feed;
}
