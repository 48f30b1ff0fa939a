import { describe, expect, it } from 'vitest';
import { busyMachine } from '../../../src/game/validate/run-case.ts';

describe('a case that failed', () => {
  it('says that the machine was busy, and what to do', () => {
    expect(busyMachine(31.4, 2)).toBe(
      'the machine was busy (load 31 on 2 cores), so this may be because of it: prove it again with fewer --jobs, or at a lower --speed',
    );
  });

  it('does not blame a machine that had work, but no more than it can do', () => {
    expect(busyMachine(19.9, 2)).toBeUndefined();
    expect(busyMachine(0, 16)).toBeUndefined();
  });
});
