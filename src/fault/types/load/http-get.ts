import { Agent, get as httpGet } from 'node:http';
import { get as httpsGet, Agent as TlsAgent } from 'node:https';

/**
 * GETs one URL again and again over kept connections and drops the bodies. It sends no identity: to a mesh it
 * is a stranger.
 * @param stop closes every connection: what is under way fails.
 * @returns a function that resolves to the status code, or rejects with the socket's error or ETIMEDOUT.
 */
export function repeatedGet(target: URL, timeoutMs: number, stop: AbortSignal): () => Promise<number> {
  const secure = target.protocol === 'https:';
  const agent = secure ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const get = secure ? httpsGet : httpGet;
  const options = {
    agent,
    hostname: target.hostname.replace(/^\[|\]$/g, ''),
    port: target.port || (secure ? 443 : 80),
    path: `${target.pathname}${target.search}`,
    headers: { host: target.host },
    timeout: timeoutMs,
  };
  stop.addEventListener('abort', () => agent.destroy());
  return () =>
    new Promise((resolve, reject) => {
      const request = get(options, (response) => {
        response.resume();
        response.once('end', () => resolve(response.statusCode ?? 0));
        response.once('error', reject);
      });
      request.once('timeout', () =>
        request.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
      );
      request.once('error', reject);
    });
}
