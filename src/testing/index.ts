/** The kit for tests in virtual time: `rxframe/testing`. Works with any test runner. */
export { comparable } from './comparable.ts';
export { ConservationError, expectConserved, type ExpectConservedOptions } from './expect-conserved.ts';
export { FakeMeter } from './fake-meter.ts';
export { FakeSink } from './fake-sink.ts';
export { FakeTokens } from './fake-tokens.ts';
export { frames } from './frames.ts';
export { marbleRunner, type MarbleHelpers, type Marbles } from './marble-runner.ts';
export { marbleSocket, type ClientAction, type MarbleSocket } from './marble-socket.ts';
export { operatorContract, type ContractTest, type OperatorContractOptions } from './operator-contract.ts';
export { peer, type PeerEvent } from './peer.ts';
export type { PeerValue } from './socket-life.ts';
