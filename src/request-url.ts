/**
 * The target of a request (`/path?query`, as a server gets it) as a URL. A target that begins with two slashes is a path,
 * too, never another host, and none is without a URL: `new URL(target, base)` takes `//x/y` for a host and throws for `//[`.
 */
export function requestUrl(target: string): URL {
  return new URL(`http://server${target.startsWith('/') ? '' : '/'}${target}`);
}
