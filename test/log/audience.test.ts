import { describe, expect, it } from 'vitest';
import { forResponder } from '../../src/log/audience.ts';
import type { EventBody, GameEvent } from '../../src/log/events.ts';

const event = (body: EventBody): GameEvent => ({ v: 1, seq: 1, at: 0, mono: 0, ...body });

describe('the stream of a responder before the debrief', () => {
  it('leaves out every event that is not on its list, also of a later version', () => {
    for (const type of ['oracle-checked', 'plan-made', 'series-recorded', 'a-new-event', 'constructor'])
      expect(forResponder({ v: 1, seq: 1, at: 0, mono: 0, type } as unknown as GameEvent)).toBeUndefined();
  });

  it('shows alerts, notes and claims without what would spoil them', () => {
    const noted = event({ type: 'noted', who: 'a', text: 'told support' });
    expect(forResponder(noted)).toEqual(noted);
    const failing = [{ id: 'source-stopped', holds: false, seen: '1 running' }];
    expect(forResponder(event({ type: 'claimed', who: 'a', accepted: false, failing }))).toMatchObject({
      accepted: false,
      failing: [],
    });
  });
});
