import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findImage, pullError } from '../../../src/sandbox/kubelet/images.ts';
import { BackOff, goDuration } from '../../../src/sandbox/kubelet/pod/back-off.ts';
import { expand } from '../../../src/sandbox/kubelet/pod/environment.ts';

test('references to variables are expanded as Kubernetes does', () => {
  const env = { A: 'one', B: '$(A)' };
  expect(expand('$(A)-$(B)-$(NOPE)-$$(A)-$A', env)).toBe('one-$(A)-$(NOPE)-$(A)-$A');
});

test('a text without a dollar stays as it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('$')),
      (text) => expand(text, { a: 'b' }) === text,
    ),
  );
});

test('the back-off is none, then 10 s, doubling up to 5 min, and starts anew after ten good minutes', () => {
  const backOff = new BackOff(10);
  const waits = Array.from({ length: 8 }, () => backOff.next().nominalSeconds);
  expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  expect(backOff.next(60_000)).toEqual({ waitMs: 0, nominalSeconds: 0 });
  expect(backOff.next()).toEqual({ waitMs: 1000, nominalSeconds: 10 });
  expect([10, 160, 300].map(goDuration)).toEqual(['10s', '2m40s', '5m0s']);
});

const none = { postgres: false };

test.each(['node', 'node:20-slim', 'docker.io/library/node:22', 'library/node:20'])(
  '%s is this Node',
  (name) => {
    expect(findImage(name, none)?.kind).toBe('node');
  },
);

test('every other image cannot be pulled', () => {
  expect(findImage('nginx:1.27', none)).toBeUndefined();
  expect(findImage('example.com/node:20', none)).toBeUndefined();
  expect(findImage('postgres:18', none)).toBeUndefined();
  expect(findImage('postgres:18', { postgres: true })?.kind).toBe('postgres');
  expect(pullError('localhost/missing:1')).toContain(
    'Head "https://localhost/v2/missing/manifests/1": dial tcp 127.0.0.1:443',
  );
});
