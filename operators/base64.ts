/** How many bytes are turned into characters at a time: more arguments than that would not fit the stack everywhere. */
const CHUNK = 0x8000;

/** Base64 (RFC 4648 section 4), on any platform. */
export function base64(bytes: Uint8Array): string {
  let characters = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    characters += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(characters);
}
