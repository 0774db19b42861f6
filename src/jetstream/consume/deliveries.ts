import type { AnyFrame } from '../../../operators/frame.ts';
import type { Delivery } from './delivery.ts';
import type { HeldDelivery } from './held-delivery.ts';

/**
 * The bytes of a frame have the delivery that brought them: every frame that stages make of it has the same ones. A WeakMap would say the
 * same, and take a third of a consumer's time, in the garbage collector.
 */
const DELIVERY = Symbol('delivery');

/** Remembers the delivery that brought these bytes, where nobody sees it who looks through their members. */
export function remember(rawData: Uint8Array, delivery: HeldDelivery): void {
  Object.defineProperty(rawData, DELIVERY, { value: delivery });
}

/** The delivery in hand that brought a frame. */
export function heldDeliveryOf({ rawData }: AnyFrame): HeldDelivery | undefined {
  return (rawData as { readonly [DELIVERY]?: HeldDelivery })[DELIVERY];
}

/** **The delivery that brought a frame**, whatever stages it has gone through; undefined where it is not from `fromJetStream`. */
export function deliveryOf(frame: AnyFrame): Delivery | undefined {
  return heldDeliveryOf(frame);
}
