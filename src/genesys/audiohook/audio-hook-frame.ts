import type { ParsedFrame } from '../../../operators/payload-types.ts';
import type { AudioFrame } from './audio-frame.ts';
import type { audioHookTypes } from './audio-hook-types.ts';

/** A frame of AudioHook that is as its schema says; nothing is known of its place in the session. */
export type AudioHookMessage = ParsedFrame<typeof audioHookTypes>;

/** A message that is JSON. */
export type ControlFrame = Exclude<AudioHookMessage, { readonly payloadType: 'audio' }>;

/** **A frame that the session took**: a control message, or audio with its place in the stream. */
export type AudioHookFrame = ControlFrame | AudioFrame;
