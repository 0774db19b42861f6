import type { AnyFrame } from '../../operators/frame.ts';
import type { Delivery } from './delivery.ts';
import type { HeldDelivery } from './held-delivery.ts';

/** By the bytes of the frame: every frame that stages make of it has the same ones. */
const deliveries = new WeakMap<Uint8Array, HeldDelivery>();

/** Remembers the delivery that brought these bytes. */
export function remember(rawData: Uint8Array, delivery: HeldDelivery): void {
  deliveries.set(rawData, delivery);
}

/** The delivery in hand that brought a frame. */
export function heldDeliveryOf(frame: AnyFrame): HeldDelivery | undefined {
  return deliveries.get(frame.rawData);
}

/** **The delivery that brought a frame**, whatever stages it has gone through; undefined where it is not from `fromJetStream`. */
export function deliveryOf(frame: AnyFrame): Delivery | undefined {
  return heldDeliveryOf(frame);
}
