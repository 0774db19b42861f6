export { startSimulator } from './simulator.ts';
export type { Simulator, SimulatorTotals, UpgradeRequest } from './simulator.ts';
export type { ReceivedMessage, SentFrame, SimulatorOptions } from './simulator-options.ts';
export type {
  ScriptedClose,
  ScriptedConnectionFault,
  ScriptedDrop,
  ScriptedFrameFault,
  ScriptedStall,
  ScriptEntry,
  ScriptPlace,
} from './script.ts';
export type { ExpectedOutcome, FrameFault } from './simulated-frame.ts';
export type { TokenResponse } from './token-endpoint.ts';
export type { UpgradeResponse } from './upgrade-response.ts';
