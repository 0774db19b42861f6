import { describe, expect, it } from 'vitest';
import { failureInWords } from '../../../src/cli/audiohook/failure-in-words.ts';

describe('failureInWords', () => {
  it.each([
    [
      'write EPROTO 80ABF2:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl3_record.c:355:\n',
      'the server does not speak TLS: use ws://',
    ],
    [
      'self-signed certificate',
      'self-signed certificate: where it is your own, give its authority as NODE_EXTRA_CA_CERTS=FILE',
    ],
    [
      'unable to verify the first certificate',
      'unable to verify the first certificate: where it is your own, give its authority as NODE_EXTRA_CA_CERTS=FILE',
    ],
    ['certificate has expired', 'certificate has expired'],
    ['connect ECONNREFUSED 127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
  ])('of %j', (failure, words) => {
    expect(failureInWords(failure)).toBe(words);
  });
});
