export { callAudioHook } from './audiohook/call-audio-hook.ts';
export { speechLikeSource } from './audiohook/speech-like-source.ts';
export { toneSource } from './audiohook/tone-source.ts';
export { wavSource } from './audiohook/wav-source.ts';
export { driveTime } from './drive-time.ts';
export { simulatePlatform } from './simulate-platform.ts';
export { startSimulator } from './simulator.ts';
export type {
  AudioHookScriptEntry,
  AudioHookScriptPlace,
  ScriptedDiscard,
  ScriptedFault,
  ScriptedFlood,
  ScriptedMessage,
  ScriptedOversizeAudio,
  ScriptedPause,
  ScriptedPing,
  ScriptedReconnection,
  ScriptedSessionClose,
  ScriptedStandstill,
  ScriptedUpdate,
} from './audiohook/audio-hook-script.ts';
export type { AudioSource, AudioTrack } from './audiohook/audio-source.ts';
export type { AudioHookCalls } from './audiohook/call-audio-hook.ts';
export type { AudioHookCallOptions, ExchangedMessage, SentAudio } from './audiohook/call-options.ts';
export type { CallOutcome, CallResult, OpenedParameters } from './audiohook/call-result.ts';
export type { AudioHookCallTotals } from './audiohook/call-totals.ts';
export type { MediaOffer } from './audiohook/media-offer.ts';
export type { Percentiles } from './audiohook/percentiles.ts';
export type { SpeechLikeSourceOptions } from './audiohook/speech-like-source.ts';
export type { ToneSourceOptions } from './audiohook/tone-source.ts';
export type { HandshakeFault } from './audiohook/upgrade-headers.ts';
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
