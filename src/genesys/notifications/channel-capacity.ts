/** How many subscriptions a channel holds: the platform's limit. */
export const CHANNEL_CAPACITY = 1_000;
