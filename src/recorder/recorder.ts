import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../clock.ts';
import type { Credentials } from '../cluster/connection/credentials.ts';
import type { Action } from './action.ts';
import { Actions } from './actions.ts';
import { KubeProxy } from './kube-proxy/kube-proxy.ts';
import type { MonitorTarget } from './monitor-proxy.ts';
import { MonitorProxy } from './monitor-proxy.ts';
import type { Sink } from './sink.ts';
import { Upstream } from './upstream.ts';

export interface RecorderOptions {
  credentials: Credentials;
  /** Namespace for kubectl where none is named; default: the context's own. */
  namespace?: string;
  monitoring: { prometheus?: MonitorTarget; alertmanager?: MonitorTarget; grafana?: MonitorTarget };
  sink: Sink;
  who: string;
  clock: Clock;
  /** A private folder for the generated kubeconfig; made (0700) and removed by the recorder. */
  folder: string;
}

export interface Recorder {
  /** Path of the generated kubeconfig (0600): the team's context name, our address, a token for this responder. */
  kubeconfig: string;
  /** Environment of a responder's shell: KUBECONFIG, PROMETHEUS_URL, ALERTMANAGER_URL, GRAFANA_URL. */
  env: Record<string, string>;
  /**
   * Hands on what is held back, then closes every connection and removes the folder. Resolves to the number of actions
   * that nobody took.
   */
  close(): Promise<number>;
}

/** Starts the recorder's proxies on 127.0.0.1, each on a free port. */
export async function startRecorder(options: RecorderOptions): Promise<Recorder> {
  const { credentials, sink, who, clock, folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const queue = new ActionQueue(sink);
  const upstream = new Upstream(credentials);
  const looks = new Map<string, Action>();
  const actions = new Actions(who, clock, (action) => {
    // Whoever looks again after a change looks at something else: that is how a fix is verified.
    if (action.effect === 'mutate') looks.clear();
    queue.add(action);
  });
  const token = randomBytes(24).toString('base64url');
  const proxy = new KubeProxy({ upstream, actions, sink, clock, who, token });
  // Large, and not needed for the first frame.
  const { ownCertificate } = await import('./own-certificate.ts');
  const pems = await ownCertificate();
  const kube = https.createServer(
    { key: pems.private, cert: pems.cert, keepAlive: true },
    (request, response) => void proxy.handle(request, response),
  );
  kube.on(
    'upgrade',
    (request, socket, head) => void proxy.upgrade(request, socket, head).catch(() => socket.destroy()),
  );
  const servers: (http.Server | https.Server)[] = [kube];
  const kubePort = await listen(kube);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText(credentials, kubePort, pems.cert, token, options.namespace), {
    mode: 0o600,
  });
  const env: Record<string, string> = { KUBECONFIG: kubeconfig };
  for (const [kind, target] of Object.entries(options.monitoring) as [
    keyof RecorderOptions['monitoring'],
    MonitorTarget | undefined,
  ][]) {
    if (!target) continue;
    const monitor = new MonitorProxy({
      target,
      ...(upstream.serves(target.url) && { through: upstream }),
      kind,
      who,
      clock,
      emit: (action) => queue.add(action),
      looks,
    });
    const server = http.createServer(
      (request, response) => void monitor.handle(request, response).catch(() => response.destroy()),
    );
    servers.push(server);
    env[`${kind.toUpperCase()}_URL`] = `http://127.0.0.1:${await listen(server)}`;
  }
  return {
    kubeconfig,
    env,
    close: async () => {
      actions.flushAll();
      const untaken = await queue.drain();
      upstream.close();
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
      rmSync(folder, { recursive: true, force: true });
      return untaken;
    },
  };
}

/** Sends actions to the conductor in order; what could not be sent waits for the next. */
class ActionQueue {
  private waiting: Action[] = [];
  private sending: Promise<void> = Promise.resolve();

  constructor(private readonly sink: Sink) {}

  add(action: Action): void {
    this.waiting.push(action);
    this.sending = this.sending.then(() => this.send());
  }

  async drain(): Promise<number> {
    await this.sending;
    await this.send();
    return this.waiting.length;
  }

  private async send(): Promise<void> {
    if (this.waiting.length === 0) return;
    const batch = this.waiting;
    this.waiting = [];
    try {
      await this.sink.actions(batch);
    } catch {
      // The conductor may be restarting its connection; bounded, so that a dead one cannot eat memory.
      this.waiting = [...batch, ...this.waiting].slice(-500);
    }
  }
}

function kubeconfigText(
  credentials: Credentials,
  port: number,
  ca: string,
  token: string,
  namespace: string | undefined,
): string {
  const { context } = credentials;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    clusters: [
      {
        name: context,
        cluster: {
          server: `https://127.0.0.1:${port}`,
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
        },
      },
    ],
    contexts: [
      {
        name: context,
        context: { cluster: context, user: context, namespace: namespace ?? credentials.namespace },
      },
    ],
    users: [{ name: context, user: { token } }],
  });
}

function listen(server: http.Server | https.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
