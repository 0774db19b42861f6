import { describe, expect, it } from 'vitest';
import { TestScheduler } from 'rxjs/testing';
import { firstOfEachPeriod } from '../../../src/cli/terminal/first-of-each-period.ts';

function run(source: string, expected: string, unsubscription?: string): void {
  const scheduler = new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted));
  scheduler.run(({ cold, expectObservable }) => {
    const limited = firstOfEachPeriod<string, string>({ most: 2, period: 10, scheduler }, (count) => `${count} more`);
    const values = { a: 'a', b: 'b', c: 'c', d: 'd', e: 'e', 1: '1 more', 2: '2 more' };
    expectObservable(cold(source, values).pipe(limited), unsubscription).toBe(expected, values);
  });
}

describe('firstOfEachPeriod', () => {
  it('passes the first of a period, and counts the others at its end', () => {
    run('--a-b-c-d--------e--|', '--a-b-------2----e--|');
  });

  it('begins a period with a value', () => {
    run('--a-b---------c-d-e--------|', '--a-b---------c-d-------1--|');
  });

  it('says nothing of a period in which all passed', () => {
    run('--a-b-----------|', '--a-b-----------|');
  });

  it('counts at the end what it has not told, once', () => {
    run('--a-b-c-d-|', '--a-b-----(2|)');
  });

  it('passes an error on', () => {
    run('--a-b-c-#', '--a-b---#');
  });

  it('leaves no timer behind', () => {
    run('--a-b-c-----------', '--a-b-----', '----------!');
  });
});
