export { driveTime } from './drive-time.ts';
export { simulatePlatform } from './simulate-platform.ts';
export { startSimulator } from './simulator.ts';
export type { SimulatedPlatform, SimulatePlatformOptions } from './simulate-platform.ts';
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
export type { ContactCentreOptions } from './notifications/contact-centre.ts';
export type { NotificationControls, SimulatedChannel } from './notifications/notification-controls.ts';
export type { NotificationOptions } from './notifications/notification-options.ts';
export type { NotificationTotals } from './notifications/notification-totals.ts';
export type { DeliveryOutcome, EventDelivery, PublishedEvent } from './notifications/published-event.ts';
export type {
  ScenarioChannelEntry,
  ScenarioEntry,
  ScenarioEvent,
  ScenarioRevocation,
  ScenarioThrottle,
  ScenarioTime,
} from './notifications/scenario.ts';
export type { DeniedTopics } from './notifications/topic-judge.ts';
export type { TokenResponse } from './token-endpoint.ts';
export type { UpgradeResponse } from './upgrade-response.ts';
