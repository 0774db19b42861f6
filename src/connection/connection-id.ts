/** A name for one connection, unique among all of all processes: 64 random bits in hex. */
export function newConnectionId(): string {
  const words = crypto.getRandomValues(new Uint32Array(2));
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join('');
}
