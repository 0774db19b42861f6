import type { Simulator, SimulatorOptions } from '../simulator/index.ts';

/** Does some work with a simulator, and closes it. */
export async function withSimulator<T>(
  options: SimulatorOptions,
  work: (simulator: Simulator) => Promise<T>,
): Promise<T> {
  const { startSimulator } = await import('../simulator/index.ts');
  const simulator = await startSimulator(options);
  try {
    return await work(simulator);
  } finally {
    await simulator.close();
  }
}
