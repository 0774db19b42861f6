import type { Benchmark } from './benchmark.ts';
import { audioHook } from './end-to-end/audio-hook.ts';
import { browser } from './end-to-end/browser.ts';
import { latency } from './end-to-end/latency.ts';
import { memoryPerConnection } from './end-to-end/memory-per-connection.ts';
import { slowConsumer } from './end-to-end/slow-consumer.ts';
import { streams } from './end-to-end/streams.ts';
import { throughput } from './end-to-end/throughput.ts';
import { allocation } from './in-process/allocation.ts';
import { contest } from './in-process/contest.ts';
import { garbageCollection } from './in-process/garbage-collection.ts';
import { jetStream } from './jetstream/jet-stream.ts';

/** All benchmarks, by the name that `--only` takes. */
export const benchmarks: Readonly<Record<string, Benchmark>> = {
  'six-stages': contest(['coldSource', 'subjectSource', 'amongOthers'], { full: 7, quick: 1 }),
  audit: contest(['audited'], { full: 7, quick: 1 }),
  'each-stage': contest(['eachStage'], { full: 5, quick: 1 }),
  'added-stages': contest(['addedStages'], { full: 5, quick: 1 }),
  preselect: contest(['unwanted'], { full: 5, quick: 1 }),
  'payload-sizes': contest(['payloadSizes'], { full: 5, quick: 1 }),
  'matrix-sizes': contest(['matrixSizes'], { full: 5, quick: 1 }),
  allocation,
  'garbage-collection': garbageCollection,
  throughput,
  latency,
  streams,
  'memory-per-connection': memoryPerConnection,
  'slow-consumer': slowConsumer,
  'audio-hook': audioHook,
  browser,
  jetstream: jetStream,
};

/** What takes long even where less is measured: `--quick` leaves it out where it is not asked for by name. */
export const slow: readonly string[] = ['latency', 'slow-consumer', 'audio-hook', 'browser', 'jetstream'];
