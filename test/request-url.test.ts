import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestUrl } from '../src/request-url.ts';

describe('the URL of a request', () => {
  it.each([
    ['/game?x=1', '/game', '?x=1'],
    ['//elsewhere/game', '//elsewhere/game', ''],
    ['//[', '//[', ''],
    ['*', '/*', ''],
    ['http://elsewhere/game', '/http://elsewhere/game', ''],
  ])('%s is a path of this server', (target, pathname, search) => {
    expect(requestUrl(target)).toMatchObject({ host: 'server', pathname, search });
  });

  it('is never another host, and always there', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('', '/', '//', '\\', '@', ':'), (text, head) => {
        expect(requestUrl(`${head}${text}`).host).toBe('server');
      }),
    );
  });
});
