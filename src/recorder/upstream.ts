import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Credentials, Identity } from '../cluster/connection/credentials.ts';

/** Sends requests on to the API server with the responder's own credentials, over connections kept alive. */
export class Upstream {
  /** With what the server did not know us: the token of an exec plug-in may have expired. */
  private refused: Identity | undefined;

  constructor(private readonly credentials: Credentials) {}

  /** A request with the caller's path and headers and the responder's own identity; not sent yet. */
  async request(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
  ): Promise<http.ClientRequest> {
    const server = new URL(this.credentials.server);
    const identity = await this.credentials.use(this.refused);
    const { agent } = identity;
    const secure = server.protocol === 'https:';
    const request = (secure ? https : http).request({
      agent,
      hostname: server.hostname,
      port: server.port || (secure ? 443 : 80),
      path: server.pathname.replace(/\/$/, '') + path,
      method,
      headers: { ...headers, host: server.host, ...identity.headers },
    });
    request.on('response', ({ statusCode }) => {
      if (statusCode === 401) this.refused = identity;
    });
    return request;
  }

  /** Whether a URL is of this API server: a Service's, through its proxy. */
  serves(url: string): boolean {
    return url.startsWith(`${this.credentials.server}/`);
  }

  /** Like `request`, for a URL that it serves. */
  requestUrl(method: string, url: string, headers: http.OutgoingHttpHeaders): Promise<http.ClientRequest> {
    return this.request(method, url.slice(this.credentials.server.length), headers);
  }

  /** A whole GET as JSON, for pre-images; undefined for 404, rejects for anything else that is not 200. */
  async getJson(path: string, isAgain = false): Promise<Record<string, unknown> | undefined> {
    const request = await this.request('GET', path, { accept: 'application/json' });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 s')));
      request.on('response', resolve).on('error', reject).end();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    if (response.statusCode === 401 && !isAgain) return await this.getJson(path, true);
    if (response.statusCode === 404) return undefined;
    if (response.statusCode !== 200) throw new Error(`GET ${path} answered ${response.statusCode}`);
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  }

  close(): void {
    this.credentials.close();
  }
}
