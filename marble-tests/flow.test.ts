import { describe, expect, it } from 'vitest';
import { Flow, type Valve } from '../operators/flow.ts';

/** A valve that notes what is done to it, in a log that several may share. */
const noting = (log: string[], name = 'valve'): Valve => ({
  pause: () => void log.push(`${name} paused`),
  resume: () => void log.push(`${name} resumed`),
});

describe('Flow', () => {
  it('pauses what is attached when the first holder comes, and resumes it when the last one goes', () => {
    const flow = new Flow();
    const log: string[] = [];
    const [a, b] = [{}, {}];
    flow.attach(noting(log));
    flow.hold(a);
    flow.hold(b);
    flow.release(a);
    expect([log, flow.held]).toStrictEqual([['valve paused'], true]);
    flow.release(b);
    expect([log, flow.held]).toStrictEqual([['valve paused', 'valve resumed'], false]);
  });

  it('counts a holder that holds it twice once, and ignores one that does not hold it', () => {
    const flow = new Flow();
    const log: string[] = [];
    const holder = {};
    flow.attach(noting(log));
    flow.release(holder);
    flow.hold(holder);
    flow.hold(holder);
    flow.release({});
    expect(flow.held).toBe(true);
    flow.release(holder);
    flow.release(holder);
    expect(log).toStrictEqual(['valve paused', 'valve resumed']);
  });

  it('pauses what is attached while it is held, and leaves running what is attached while it is not', () => {
    const flow = new Flow();
    const log: string[] = [];
    const holder = {};
    flow.attach(noting(log, 'early'));
    expect(log).toStrictEqual([]);
    flow.hold(holder);
    flow.attach(noting(log, 'late'));
    flow.release(holder);
    expect(log).toStrictEqual(['early paused', 'late paused', 'early resumed', 'late resumed']);
  });

  it('lets each in turn be the first, where what the first lets through holds it again', () => {
    const flow = new Flow();
    const log: string[] = [];
    const holder = {};
    for (const name of ['a', 'b', 'c']) {
      flow.attach({
        pause: () => undefined,
        resume: () => {
          log.push(name);
          flow.hold(holder);
        },
      });
    }
    flow.hold(holder);
    for (let i = 0; i < 4; i += 1) flow.release(holder);
    expect(log).toStrictEqual(['a', 'b', 'c', 'a']);
  });

  it('resumes what is detached while it is held, and leaves it alone from then on', () => {
    const flow = new Flow();
    const log: string[] = [];
    const [valve, holder] = [noting(log), {}];
    flow.attach(valve);
    flow.hold(holder);
    flow.detach(valve);
    flow.detach(valve);
    flow.release(holder);
    flow.hold(holder);
    expect(log).toStrictEqual(['valve paused', 'valve resumed']);
  });

  it('touches nothing when what is detached was running, or was never attached', () => {
    const flow = new Flow();
    const log: string[] = [];
    const valve = noting(log);
    flow.attach(valve);
    flow.detach(valve);
    flow.hold({});
    flow.detach(noting(log, 'stranger'));
    expect(log).toStrictEqual([]);
  });

  it('says whether anything is attached', () => {
    const flow = new Flow();
    const [a, b] = [noting([]), noting([])];
    expect(flow.attached).toBe(false);
    flow.attach(a);
    flow.attach(b);
    flow.detach(a);
    expect(flow.attached).toBe(true);
    flow.detach(b);
    expect(flow.attached).toBe(false);
  });

  it('counts how often it became free again', () => {
    const flow = new Flow();
    const [a, b] = [{}, {}];
    flow.hold(a);
    flow.hold(b);
    flow.release(a);
    expect(flow.releases).toBe(0);
    flow.release(b);
    flow.release(b);
    expect(flow.releases).toBe(1);
  });

  it('leaves everything paused where what the first valve lets through makes somebody hold it again', () => {
    const flow = new Flow();
    const paused = new Set<string>();
    const holder = {};
    const valve = (name: string, onResume: () => void): Valve => ({
      pause: () => void paused.add(name),
      resume: () => {
        paused.delete(name);
        onResume();
      },
    });
    flow.attach(valve('eager', () => flow.hold(holder)));
    flow.attach(valve('other', () => undefined));
    flow.hold(holder);
    flow.release(holder);
    expect([...paused].sort()).toStrictEqual(['eager', 'other']);
  });
});
