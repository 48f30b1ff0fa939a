import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Credentials } from '../cluster/credentials.ts';

/** Sends requests on to the API server with the responder's own credentials, over connections kept alive. */
export class Upstream {
  private readonly agents = new Map<string, https.Agent>();

  constructor(private readonly credentials: Credentials) {}

  /** Options for http(s).request: the caller's path and headers, the responder's own identity. */
  async options(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    keepAlive = true,
  ): Promise<https.RequestOptions> {
    const { headers: identity, ...tls } = await this.credentials.request();
    const { server } = this.credentials;
    return {
      ...(server.protocol === 'https:' ? tls : {}),
      agent: keepAlive ? this.agent(tls) : false,
      hostname: server.hostname,
      port: server.port || (server.protocol === 'https:' ? 443 : 80),
      path: server.pathname.replace(/\/$/, '') + path,
      method,
      headers: { ...headers, host: server.host, ...identity },
    };
  }

  async request(
    method: string,
    path: string,
    headers: http.OutgoingHttpHeaders,
    keepAlive = true,
  ): Promise<http.ClientRequest> {
    const options = await this.options(method, path, headers, keepAlive);
    return this.credentials.server.protocol === 'https:' ? https.request(options) : http.request(options);
  }

  /** A whole GET as JSON, for pre-images; undefined for 404, rejects for anything else that is not 200. */
  async getJson(path: string): Promise<Record<string, unknown> | undefined> {
    const request = await this.request('GET', path, { accept: 'application/json' });
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request.setTimeout(10_000, () => request.destroy(new Error('no answer within 10 s')));
      request.on('response', resolve).on('error', reject).end();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    if (response.statusCode === 404) return undefined;
    if (response.statusCode !== 200) throw new Error(`GET ${path} answered ${response.statusCode}`);
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
  }

  close(): void {
    for (const agent of this.agents.values()) agent.destroy();
  }

  /** One keep-alive agent for each identity: client certificates belong to the connection. */
  private agent(tls: https.AgentOptions): https.Agent | http.Agent {
    const key = `${tls.cert}\n${tls.servername}\n${tls.rejectUnauthorized}`;
    let agent = this.agents.get(key);
    if (!agent) {
      const secure = this.credentials.server.protocol === 'https:';
      agent = (
        secure ? new https.Agent({ ...tls, keepAlive: true }) : new http.Agent({ keepAlive: true })
      ) as https.Agent;
      this.agents.set(key, agent);
    }
    return agent;
  }
}
