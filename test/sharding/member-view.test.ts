import { describe, expect, it } from 'vitest';
import { MemberView } from '../../src/jetstream/sharing/member-view.ts';

const TTL = 900;

/** A view, of a member that has sent its first heartbeat at 0. */
function viewOf(id: string): MemberView {
  const view = new MemberView(id);
  view.beat(0, TTL);
  return view;
}

describe('MemberView', () => {
  it('knows nothing before the own heartbeat has come back', () => {
    const view = new MemberView('b');
    view.saw('a', 0);
    expect(view.ids).toBeUndefined();
    view.beat(1, TTL);
    expect(view.ids).toEqual(['a', 'b']);
  });

  it('gives the same array while nothing changes, and another one when somebody comes or goes', () => {
    const view = viewOf('b');
    const alone = view.ids;
    view.beat(300, TTL);
    expect(view.ids).toBe(alone);
    view.saw('a', 310);
    const both = view.ids;
    expect(both).toEqual(['a', 'b']);
    view.saw('a', 320);
    view.left('c');
    expect(view.ids).toBe(both);
    view.left('a');
    expect(view.ids).toEqual(['b']);
  });

  it('sorts as all others do, whatever their language', () => {
    const view = viewOf('b');
    for (const id of ['a', 'B', 'a1', 'a-1', '10', '9']) view.saw(id, 0);
    expect(view.ids).toEqual(['10', '9', 'B', 'a', 'a-1', 'a1', 'b']);
  });

  it('forgets who was not seen for more than a ttl, when the own heartbeat comes', () => {
    const view = viewOf('b');
    view.saw('a', 10);
    for (const at of [300, 600, 900, 910]) view.beat(at, TTL);
    expect(view.ids).toEqual(['a', 'b']);
    view.beat(911, TTL);
    expect(view.ids).toEqual(['b']);
  });

  it('keeps who is seen', () => {
    const view = viewOf('b');
    for (const at of [300, 600, 900, 1200, 1500, 1800]) {
      view.saw('a', at - 10);
      view.beat(at, TTL);
    }
    expect(view.ids).toEqual(['a', 'b']);
  });

  it('gives everybody a whole ttl again, where the own heartbeat did not come for two of its turns', () => {
    const view = viewOf('b');
    view.saw('a', 0);
    view.beat(300, TTL);
    view.beat(901, TTL);
    expect(view.ids).toEqual(['a', 'b']);
    for (const at of [1201, 1501, 1801]) view.beat(at, TTL);
    expect(view.ids).toEqual(['a', 'b']);
    view.beat(1802, TTL);
    expect(view.ids).toEqual(['b']);
  });

  it('is not blind where one heartbeat is late', () => {
    const view = viewOf('b');
    view.saw('a', 0);
    for (const at of [300, 900, 1200]) view.beat(at, TTL);
    expect(view.ids).toEqual(['b']);
  });
});
