import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../src/own-host.ts';

const asked = (headers: IncomingMessage['headers'], method = 'GET') =>
  refusalOf({ headers, method }, ['kubernetes.default.svc']);

describe('which requests a listener on the loopback serves', () => {
  it.each(['127.0.0.1:4711', 'localhost:4711', 'LOCALHOST:4711', '[::1]:4711', 'kubernetes.default.svc'])(
    'serves the host %s',
    (host) => {
      expect(asked({ host })).toBeUndefined();
      expect(asked({ host }, 'POST')).toBeUndefined();
    },
  );

  it.each([
    'evil.example:4711',
    'evil.example',
    'localhost.evil.example:4711',
    '127.0.0.1:4711.evil.example',
    '127.0.0.2:4711',
    '[::2]:4711',
    'kubernetes.default.svc:4711',
    '',
  ])('refuses the host %j, also for a read', (host) => {
    expect(asked({ host })).toContain(`got ${JSON.stringify(host)}`);
  });

  const host = '127.0.0.1:4711';

  it.each(['127.0.0.1:4711', 'localhost:4711', '[::1]:4711'])(
    'takes a write from its own page at %s',
    (own) => {
      const headers = { host: own, origin: `http://${own}`, 'sec-fetch-site': 'same-origin' };
      expect(asked(headers, 'POST')).toBeUndefined();
    },
  );

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:4712' },
    { origin: 'http://127.0.0.1:4711@evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://127.0.0.1:4711', 'sec-fetch-site': 'cross-site' },
  ])('refuses a write with %j, and lets it read', (headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect(asked({ host, ...headers }, method)).toContain('another origin');
    }
    expect(asked({ host, ...headers })).toBeUndefined();
    expect(asked({ host, ...headers, upgrade: 'websocket' })).toContain('another origin');
  });

  it('takes a write without an origin: curl, kubectl and amtool send none', () => {
    expect(asked({ host }, 'POST')).toBeUndefined();
    expect(asked({ host, 'sec-fetch-site': 'none' }, 'POST')).toBeUndefined();
    expect(asked({}, 'POST')).toBeUndefined();
  });

  it('serves no other name, whatever it is', () => {
    fc.assert(
      fc.property(fc.webAuthority(), (name) => {
        fc.pre(!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(name));
        expect(asked({ host: name })).toBeDefined();
        expect(asked({ host, origin: `http://${name}` }, 'POST')).toBeDefined();
      }),
    );
  });
});
