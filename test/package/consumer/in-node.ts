import { connect, frameStream } from 'rxframe';
import { clientCredentials } from 'rxframe/genesys';
import { nodeSocket, pinoAuditSink } from 'rxframe/node';
import {
  accepted,
  audit,
  binaryType,
  decode,
  definePayloadTypes,
  jsonType,
  validate,
  type ParsedFrame,
} from 'rxframe/operators';
import { startSimulator, type Simulator } from 'rxframe/simulator';
import type { Observable } from 'rxjs';

const types = definePayloadTypes({
  order: jsonType({ type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }),
  picture: binaryType({ firstByte: 0xff }),
});

/** What a consumer in Node writes. */
export async function orders(): Promise<Observable<ParsedFrame<typeof types>>> {
  const simulator: Simulator = await startSimulator({ frames: 10 });
  const { loginUrl, clientId, clientSecret } = simulator;
  const token = clientCredentials({ loginUrl, clientId, clientSecret });
  return connect({ url: simulator.streamUrl, token, socket: nodeSocket({ perMessageDeflate: false }) }).pipe(
    decode(types),
    validate(),
    audit(pinoAuditSink({ destination: 1 })),
    accepted(),
  );
}

export const { frames$ } = frameStream({ env: 'eu-central-1', clientId: 'id', clientSecret: 'secret', types });
