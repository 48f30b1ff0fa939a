import http from 'node:http';
import https from 'node:https';
import { delimiter } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { suggest } from '../../words/nearest.ts';
import { askPlugin, type ExecCredential } from './exec-plugin.ts';
import { readKubeconfig } from './kubeconfig.ts';

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
  /**
   * For the next request. `refused`: what an earlier one was sent with, and the server did not take: then exec plug-ins are
   * asked again, unless that was done since.
   */
  use(refused?: Identity): Promise<Identity>;
  close(): void;
}

/** With what a request is sent: headers, and a keep-alive agent that has the certificates. */
export interface Identity {
  headers: http.OutgoingHttpHeaders;
  agent: http.Agent;
}

/** Loads a context of a kubeconfig (default: as kubectl finds them). Token refresh is client-node's. */
export async function loadCredentials(options: {
  kubeconfig?: string;
  context?: string;
}): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const plugins = loadKubeconfig(config, options.kubeconfig);
  chooseContext(config, options.context);
  const context = config.getCurrentContext();
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) {
    throw new MisfortuneError('bad-kubeconfig', `Expected a cluster with a server for context ${context}.`, {
      exitCode: exitCodes.usage,
    });
  }
  const source = new AgentSource(config, plugins.get(config.getCurrentUser()?.name ?? ''));
  return {
    context,
    server: cluster.server.replace(/\/+$/, ''),
    namespace: config.getContextObject(context)?.namespace ?? 'default',
    use: (refused) => source.use(refused),
    close: () => source.close(),
  };
}

/** Gives the exec plug-ins, by the name of their user: they are asked here, not by client-node, which asks every time. */
function loadKubeconfig(config: KubeConfig, path: string | undefined): Map<string, unknown> {
  const found = readKubeconfig(path);
  const plugins = new Map<string, unknown>();
  if ('looked' in found) {
    if (path !== undefined || process.env.KUBERNETES_SERVICE_HOST === undefined)
      throw new MisfortuneError(
        'no-kubeconfig',
        `There is no kubeconfig at ${found.looked.join(delimiter)}.`,
        {
          todo: 'Set KUBECONFIG, or `kubeconfig:` in misfortune.yaml, or play on the sandbox.',
          exitCode: exitCodes.usage,
        },
      );
    config.loadFromCluster();
    return plugins;
  }
  for (const { name, user } of found.users) {
    if (user?.exec === undefined) continue;
    plugins.set(name, user.exec);
    delete user.exec;
  }
  try {
    config.loadFromString(JSON.stringify(found));
  } catch (cause) {
    throw new MisfortuneError(
      'bad-kubeconfig',
      `The kubeconfig cannot be used: ${(cause as Error).message}`,
      {
        cause,
        exitCode: exitCodes.usage,
      },
    );
  }
  return plugins;
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
  #current: Identity | undefined;
  #trust = '';
  #until = 0;
  #pending: Promise<Identity> | undefined;
  /** An exec plug-in, as the kubeconfig has it, and what it gave last. */
  readonly #plugin: unknown;
  #credential: ExecCredential | undefined;

  constructor(config: KubeConfig, plugin: unknown) {
    this.#config = config;
    this.#plugin = plugin;
  }

  async use(refused?: Identity): Promise<Identity> {
    // Whoever was refused at the same time as another finds what that one has renewed.
    const isRefused = refused !== undefined && refused === this.#current;
    if (this.#current && !isRefused && performance.now() < this.#until) return this.#current;
    this.#pending ??= this.#refresh(isRefused).finally(() => {
      this.#pending = undefined;
    });
    return await this.#pending;
  }

  close(): void {
    this.#current?.agent.destroy();
  }

  /** `refused`: the server takes what there is no longer. */
  async #refresh(refused: boolean): Promise<Identity> {
    const options: https.RequestOptions = {};
    try {
      await this.#config.applyToHTTPSOptions(options);
      if (this.#plugin !== undefined) applyCredential(options, await this.#ask(refused));
    } catch (cause) {
      // What was had before may still be taken: the server says when it is not.
      if (!refused && this.#current) {
        this.#until = performance.now() + freshMs;
        return this.#current;
      }
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
    const headers = { ...(options.headers as http.OutgoingHttpHeaders), ...basic };
    this.#until = performance.now() + freshMs;
    const { ca, cert, key, servername, rejectUnauthorized } = options;
    const trust = JSON.stringify([ca, cert, key, servername, rejectUnauthorized].map(String));
    const before = this.#current;
    const isSameTrust = before !== undefined && trust === this.#trust;
    // What is as before stays the same object: by it a request that is refused later is told from newer ones.
    if (isSameTrust && !refused && isDeepStrictEqual(headers, before.headers)) return before;
    if (!isSameTrust) before?.agent.destroy();
    this.#trust = trust;
    this.#current = { headers, agent: isSameTrust ? before.agent : keepAlive(options, this.#config) };
    return this.#current;
  }

  /** Without an end of its own a credential is used until the server refuses it. */
  async #ask(refused: boolean): Promise<ExecCredential> {
    const { expiresAt = Number.POSITIVE_INFINITY } = this.#credential ?? {};
    if (!this.#credential || refused || Date.now() >= expiresAt)
      this.#credential = await askPlugin(this.#plugin);
    return this.#credential;
  }
}

function applyCredential(options: https.RequestOptions, credential: ExecCredential): void {
  const { token, clientCertificateData, clientKeyData } = credential;
  const headers: http.OutgoingHttpHeaders = { ...(options.headers as http.OutgoingHttpHeaders) };
  if (token !== undefined) options.headers = { ...headers, Authorization: `Bearer ${token}` };
  if (clientCertificateData !== undefined) options.cert = clientCertificateData;
  if (clientKeyData !== undefined) options.key = clientKeyData;
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
