import { existsSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { suggest } from '../nearest.ts';

/** How long credentials are used before client-node is asked again (it renews expired exec and OIDC tokens). */
const freshMs = 30_000;

/**
 * Idle connections are closed by us before the server does it: a write on a connection that is just being closed
 * has an unknown outcome. Node's own servers close after 5 s.
 */
const idleMs = 4_000;

/** Idle connections that are kept: more than are asked at once, since a handshake costs several requests. */
const freeMost = 16;

export interface Credentials {
  context: string;
  server: string;
  namespace: string;
  /** Headers and a keep-alive agent for the next request; `renew` asks exec plug-ins again. */
  use(renew?: boolean): Promise<{ headers: http.OutgoingHttpHeaders; agent: http.Agent }>;
  close(): void;
}

/** Loads a context of a kubeconfig (default: as kubectl finds them). Token refresh is client-node's. */
export async function loadCredentials(options: {
  kubeconfig?: string;
  context?: string;
}): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  loadKubeconfig(config, options.kubeconfig);
  chooseContext(config, options.context);
  const context = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) {
    throw new MisfortuneError('bad-kubeconfig', `Expected a cluster with a server for context ${context}.`, {
      exitCode: exitCodes.usage,
    });
  }
  const source = new AgentSource(config);
  return {
    context,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(context)?.namespace ?? 'default',
    use: (renew) => source.use(renew),
    close: () => source.close(),
  };
}

function loadKubeconfig(config: KubeConfig, path: string | undefined): void {
  const named = path === undefined ? (process.env.KUBECONFIG ?? '').split(delimiter) : [path];
  const files = named.filter((each) => each !== '');
  if (files.length === 0) files.push(join(homedir(), '.kube', 'config'));
  const file = files.join(delimiter);
  const inCluster = path === undefined && process.env.KUBERNETES_SERVICE_HOST !== undefined;
  if (!files.some((each) => existsSync(each)) && !inCluster) {
    throw new MisfortuneError('no-kubeconfig', `There is no kubeconfig at ${file}.`, {
      todo: 'Set KUBECONFIG, or `kubeconfig:` in misfortune.yaml, or play on the sandbox.',
      exitCode: exitCodes.usage,
    });
  }
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (cause) {
    throw new MisfortuneError(
      'bad-kubeconfig',
      `The kubeconfig ${file} cannot be read: ${(cause as Error).message}`,
      {
        cause,
        exitCode: exitCodes.usage,
      },
    );
  }
}

function chooseContext(config: KubeConfig, context: string | undefined): void {
  const names = config.getContexts().map(({ name }) => name);
  const wanted = context ?? config.getCurrentContext();
  if (!names.includes(wanted)) {
    throw new MisfortuneError('unknown-context', `The kubeconfig has no context "${wanted}".`, {
      todo: suggest(wanted, names) ?? 'It has no contexts at all.',
      exitCode: exitCodes.usage,
    });
  }
  config.setCurrentContext(wanted);
}

class AgentSource {
  readonly #config: KubeConfig;
  #agent: http.Agent | undefined;
  #identity = '';
  #headers: http.OutgoingHttpHeaders = {};
  #until = 0;
  #pending: Promise<void> | undefined;

  constructor(config: KubeConfig) {
    this.#config = config;
  }

  async use(renew = false): Promise<{ headers: http.OutgoingHttpHeaders; agent: http.Agent }> {
    if (renew || performance.now() >= this.#until) {
      this.#pending ??= this.#refresh().finally(() => {
        this.#pending = undefined;
      });
      await this.#pending;
    }
    return { headers: this.#headers, agent: this.#agent! };
  }

  close(): void {
    this.#agent?.destroy();
  }

  async #refresh(): Promise<void> {
    const options: https.RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new MisfortuneError(
        'no-credentials',
        `The credentials cannot be had: ${(cause as Error).message}`,
        {
          cause,
          todo: 'Does kubectl work with this context? Log in again.',
          exitCode: exitCodes.unavailable,
        },
      );
    }
    const basic = options.auth
      ? { Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` }
      : {};
    this.#headers = { ...(options.headers as http.OutgoingHttpHeaders), ...basic };
    this.#until = performance.now() + freshMs;
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const identity = JSON.stringify([ca, cert, key, servername, rejectUnauthorized].map(String));
    if (this.#agent && identity === this.#identity) return;
    this.#agent?.destroy();
    this.#identity = identity;
    this.#agent = keepAlive(options, this.#config);
  }
}

function keepAlive(options: https.RequestOptions, config: KubeConfig): http.Agent {
  const cluster = config.getCurrentCluster();
  if (cluster?.proxyUrl) return options.agent as http.Agent;
  const pool = { keepAlive: true, keepAliveMsecs: 15_000, timeout: idleMs, maxFreeSockets: freeMost };
  if (cluster?.server.startsWith('http:')) return new http.Agent(pool);
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const trust = rejectUnauthorized === undefined ? {} : { rejectUnauthorized };
  return new https.Agent({ ...pool, ca, cert, key, pfx, passphrase, servername, ...trust });
}
