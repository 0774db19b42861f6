/** The largest message that the size gate lets through, in bytes: small, so that oversize ones are many and cheap. */
export const MAX_BYTES = 65_536;

/** The largest message that the socket takes, in bytes. */
export const MAX_PAYLOAD = 262_144;
