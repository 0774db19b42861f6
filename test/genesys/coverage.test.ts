import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Coverage, type Gap } from '../../src/genesys/notifications/coverage.ts';

const [a, b] = [{}, {}];

describe('Coverage', () => {
  it('tells a gap where one connection is lost before the next one delivers, topics of the same times together', () => {
    const coverage = new Coverage();
    expect(coverage.covered(a, ['x', 'y'], 100)).toStrictEqual([]);
    expect(coverage.lost(a, ['x', 'y'], 150)).toStrictEqual([]);
    expect(coverage.covered(b, ['x', 'y', 'z'], 170)).toStrictEqual([{ from: 150, to: 170, topics: ['x', 'y'] }]);
  });

  it('tells none where the next one delivered before the last sign of life of the one that is lost', () => {
    const coverage = new Coverage();
    coverage.covered(a, ['x'], 100);
    coverage.covered(b, ['x'], 140);
    expect(coverage.lost(a, ['x'], 150)).toStrictEqual([]);
  });

  it('tells one at once where the next one delivered only after it', () => {
    const coverage = new Coverage();
    coverage.covered(a, ['x', 'y'], 100);
    coverage.covered(b, ['x'], 180);
    expect(coverage.lost(a, ['x', 'y'], 150)).toStrictEqual([{ from: 150, to: 180, topics: ['x'] }]);
    expect(coverage.covered(b, ['x', 'y'], 190)).toStrictEqual([{ from: 150, to: 190, topics: ['y'] }]);
  });

  it('does not miss what was sent before a connection delivered', () => {
    const coverage = new Coverage();
    coverage.covered(a, ['x'], 100);
    expect(coverage.lost(a, ['x'], 50)).toStrictEqual([]);
    expect(coverage.covered(b, ['x'], 170)).toStrictEqual([{ from: 100, to: 170, topics: ['x'] }]);
  });

  it('does not miss what nobody wants', () => {
    const coverage = new Coverage();
    coverage.covered(a, ['x'], 100);
    coverage.lost(a, ['x'], 150);
    coverage.forget(['x']);
    expect(coverage.covered(b, ['x'], 170)).toStrictEqual([]);
  });

  it('does not miss what was never delivered', () => {
    const coverage = new Coverage();
    expect(coverage.lost(a, ['x'], 150)).toStrictEqual([]);
    expect(coverage.covered(b, ['x'], 170)).toStrictEqual([]);
  });

  it('knows whether others deliver the same', () => {
    const coverage = new Coverage();
    coverage.covered(a, ['x', 'y'], 100);
    coverage.covered(b, ['x'], 100);
    const legs = new Set([a]);
    expect(coverage.isCoveredElsewhere(legs, ['x'])).toBe(true);
    expect(coverage.isCoveredElsewhere(legs, ['x', 'y'])).toBe(false);
    expect(coverage.isCoveredElsewhere(legs, ['z'])).toBe(true);
    coverage.covered(b, ['y'], 110);
    expect(coverage.isCoveredElsewhere(legs, ['x', 'y'])).toBe(true);
  });

  it('leaves no moment out that nobody was sure to deliver, however connections come and go', () => {
    const leg = fc.record({ start: fc.nat(200), sure: fc.nat(40), late: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(leg, { minLength: 1, maxLength: 12 }), (some) => {
        const legs = [...some, { start: 500, sure: 0, late: 0 }];
        const coverage = new Coverage();
        const gaps: Gap[] = [];
        const happenings = legs.flatMap(({ start, sure, late }) => {
          const self = {};
          return [
            { at: start, order: 0, happen: () => gaps.push(...coverage.covered(self, ['x'], start)) },
            { at: start + sure + late, order: 1, happen: () => gaps.push(...coverage.lost(self, ['x'], start + sure)) },
          ];
        });
        for (const { happen } of happenings.sort((p, q) => p.at - q.at || p.order - q.order)) happen();

        const first = Math.min(...legs.map(({ start }) => start));
        for (let moment = first; moment <= 500; moment += 1) {
          const isSure = legs.some(({ start, sure }) => start <= moment && moment <= start + sure);
          const isTold = gaps.some(({ from, to }) => from <= moment && moment <= to);
          expect(isSure || isTold, `at ${moment}`).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
