import type { genesysTypes } from 'rxframe/genesys';
import type { ParsedFrame } from 'rxframe/operators';

/** A frame that is published. */
export type Interaction = ParsedFrame<typeof genesysTypes>;
