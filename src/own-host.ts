/**
 * What a listener on this machine's loopback does not serve, though it could reach it: requests for another host, which
 * a web page sends after it has pointed its own name at 127.0.0.1 (DNS rebinding), and writes that a page of another
 * origin makes in the background.
 */
import type { IncomingMessage } from 'node:http';

/** With any port: a tunnel (`ssh -L`) may end at another one, and no page can give its own name such a host. */
const loopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

const reading = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Why a request is refused (403), or undefined for one that is served. `names`: other hosts that are this listener, as
 * they stand in a Host header. A request without Host (HTTP/1.0) comes from no browser.
 */
export function refusalOf(
  { headers, method = 'GET' }: Pick<IncomingMessage, 'headers' | 'method'>,
  names: readonly string[] = [],
): string | undefined {
  const host = headers.host?.toLowerCase();
  if (host !== undefined && !loopback.test(host) && !names.includes(host)) {
    return `Expected the Host 127.0.0.1 or localhost, got ${JSON.stringify(host)}: only requests for this machine are served.`;
  }
  if (reading.includes(method) && headers.upgrade === undefined) return undefined;
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const isForeign =
    (origin !== undefined && hostOf(origin) !== host) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  return isForeign
    ? `Expected no write from a web page of another origin, got one from ${origin ?? 'a page'}.`
    : undefined;
}

/** Host and port of an origin; undefined for `null` and the like. */
function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/?#]+)$/.exec(origin.toLowerCase())?.[1];
}
