/** What {@link toJetStream} has to say besides the outcomes. */
export type PublishNotice =
  /** The engine does not take messages: they wait, and are tried again. Told once until it works. */
  | { readonly type: 'stalled'; readonly cause: unknown }
  /** It does again, after so many milliseconds. */
  | { readonly type: 'resumed'; readonly after: number };
