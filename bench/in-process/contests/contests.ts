import type { Contest } from '../comparison.ts';
import { addedStages } from './added-stages.ts';
import { amongOthers } from './among-others.ts';
import { audited } from './audited.ts';
import { coldSource } from './cold-source.ts';
import { eachStage } from './each-stage.ts';
import { matrixSizes } from './matrix-sizes.ts';
import { payloadSizes } from './payload-sizes.ts';
import { subjectSource } from './subject-source.ts';
import { unwanted } from './unwanted.ts';

/** All contests, by name. */
export const contests = {
  coldSource,
  subjectSource,
  amongOthers,
  audited,
  eachStage,
  addedStages,
  unwanted,
  payloadSizes,
  matrixSizes,
} satisfies Record<string, Contest>;

export type ContestName = keyof typeof contests;
