import { describe, expect, it } from 'vitest';
import { createStore } from '../../../src/sandbox/apiserver/store.ts';

const stamps = { creationTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '', uid: 'u' };
const object = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { ...stamps, namespace: 'shop', name },
});

describe('what a watch can look back to', () => {
  it('is all of the last 75 seconds, however many changes come', () => {
    let now = 0;
    const store = createStore({ now: () => now });
    const begun = store.revision;
    for (let count = 0; count < 12_000; count++) {
      store.put('configmaps', object('busy'));
      now += 6;
    }
    expect(store.since('configmaps', begun)).toHaveLength(12_000);
    expect(store.listAt('configmaps', 'shop', begun)).toEqual([]);
  });

  it('is about a thousand changes where they are older, and from before them a watch is expired', () => {
    let now = 0;
    const store = createStore({ now: () => now });
    const begun = store.revision;
    for (let count = 0; count < 3000; count++) {
      store.put('configmaps', object('quiet'));
      now += 1000;
    }
    expect(store.since('configmaps', begun)).toBeUndefined();
    expect(store.listAt('configmaps', 'shop', begun)).toBeUndefined();
    expect(store.revision - store.compacted).toBeGreaterThanOrEqual(1000);
    expect(store.revision - store.compacted).toBeLessThan(1250);
    expect(store.since('configmaps', store.compacted)).toHaveLength(store.revision - store.compacted);
  });

  it('is bounded, whoever writes as fast as they can', () => {
    const store = createStore({ now: () => 0 });
    for (let count = 0; count < 60_000; count++) store.put('configmaps', object('flood'));
    expect(store.revision - store.compacted).toBeLessThanOrEqual(50_250);
  });
});
