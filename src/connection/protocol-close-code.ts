/** The close code (RFC 6455 section 7.4.1) with which `ws` answers what it can't take, by the code of its error; undefined for other errors. */
export function protocolCloseCode(code: string): number | undefined {
  switch (code) {
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return 1009;
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return 1008;
    case 'Z_DATA_ERROR':
      return 1007;
    default:
      return code.startsWith('WS_ERR_') ? 1002 : undefined;
  }
}
