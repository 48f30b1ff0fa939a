import { z } from 'zod';
import { isAlive } from '../../alive.ts';
import { type Clock, realClock } from '../../clock.ts';
import { optInLabel } from '../../cluster/access/opened.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { connect } from '../../cluster/connection/connect.ts';
import { chooseCluster } from '../../config/choose.ts';
import { type LoadedConfig, loadConfig } from '../../config/load.ts';
import { quietNow } from '../../config/quiet-hours.ts';
import type { ClusterConfig, Limits } from '../../config/schema.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { GuardianSettings } from '../../fault/guardian/settings.ts';
import { connectMonitoring } from '../../signal/monitoring.ts';
import { findSandbox, type SandboxAccess } from './sandbox-link.ts';
import type { GameSetup } from './setup.ts';

/** The sandbox in this folder (default: of the state home), or a cluster of a misfortune.yaml. */
export const chosenClusterSchema = z.union([
  z.strictObject({ sandbox: z.string().optional() }),
  z.strictObject({ config: z.string().optional(), name: z.string() }),
]);

export type ChosenCluster = z.infer<typeof chosenClusterSchema>;

/** Options of the commands that touch a cluster. */
export interface PlaceOptions {
  cluster?: string;
  config?: string;
}

/** The sandbox, unless a cluster of misfortune.yaml is named. @throws MisfortuneError `no-config` */
export function placeOf(options: PlaceOptions, { file }: LoadedConfig): ChosenCluster {
  if (options.cluster === undefined) return {};
  if (file === undefined) {
    throw new MisfortuneError(
      'no-config',
      `Expected a misfortune.yaml with a cluster "${options.cluster}"; there is none here or above.`,
      {
        todo: 'The README shows one. Without it only the sandbox can be played on.',
        exitCode: exitCodes.usage,
      },
    );
  }
  return { config: file, name: options.cluster };
}

export function isSandbox(place: ChosenCluster): boolean {
  return !('name' in place);
}

/** Connects to where games can be played. @throws MisfortuneError of config and connection; `no-sandbox` */
export function openPlace(
  cluster: ChosenCluster,
  stateHome: string,
  clock: Clock = realClock,
): Promise<Place> {
  return 'name' in cluster ? ownCluster(cluster, clock) : sandbox({ stateHome }, cluster);
}

export type Place = Pick<
  GameSetup,
  | 'cluster'
  | 'monitoring'
  | 'namespaces'
  | 'limits'
  | 'programs'
  | 'serviceProxies'
  | 'access'
  | 'links'
  | 'sandboxMarker'
  | 'isGone'
  | 'announce'
  | 'quiet'
  | 'speed'
> & { guardian: GuardianSettings };

/** The sandbox has the namespace. */
export const sandboxGuardian: GuardianSettings = {
  mode: 'game',
  namespace: 'maintenance',
  image: 'node:20-slim',
  imagePullSecrets: [],
  after: 30,
};

/** In the sandbox nobody is disturbed but the machine that it runs on. */
const sandboxLimits: Limits = {
  minutes: 24 * 60,
  requestsPerSecond: 100_000,
  workloads: { percent: 100 },
  nodes: { percent: 100 },
  stress: { cpu: 1, memory: '512Mi' },
};

async function sandbox(
  { stateHome }: { stateHome: string },
  { sandbox: folder }: { sandbox?: string },
): Promise<Place> {
  const access = findSandbox({ stateHome, folder });
  if (!access) {
    throw new MisfortuneError('no-sandbox', 'No sandbox runs.', {
      todo: 'Start one with `misfortune sandbox start`.',
      exitCode: exitCodes.unavailable,
    });
  }
  const cluster = await connect({ kubeconfig: access.kubeconfig, context: access.context });
  return {
    cluster,
    monitoring: connectMonitoring(urlsOf(access)),
    namespaces: await openedNamespaces(cluster),
    limits: sandboxLimits,
    serviceProxies: [],
    access: {
      kubeconfig: access.responderKubeconfig,
      context: access.context,
      namespace: '',
      prometheus: access.prometheus,
      alertmanager: access.alertmanager,
      grafana: access.grafana,
    },
    guardian: sandboxGuardian,
    sandboxMarker: access.markerUid,
    isGone: () => !isAlive(access.pid),
    speed: access.speed,
  };
}

function urlsOf({ prometheus, alertmanager, grafana }: SandboxAccess) {
  return { prometheus: { url: prometheus }, alertmanager: { url: alertmanager }, grafana: { url: grafana } };
}

/** The namespaces that are open for games. */
async function openedNamespaces(cluster: Cluster): Promise<string[]> {
  const opened = await cluster.list({ kind: 'namespace' }, { labelSelector: `${optInLabel}=allowed` });
  // The stack's own first: kubectl looks there when no namespace is named.
  return opened
    .map(({ metadata }) => metadata.name)
    .sort((a, b) => Number(b === 'shop') - Number(a === 'shop') || (a < b ? -1 : 1));
}

async function ownCluster(
  { config: file, name }: { config?: string; name: string },
  clock: Clock,
): Promise<Place> {
  const loaded = await loadConfig({ file });
  const config = chooseCluster(loaded, name);
  const quiet = quietNow(config.quiet, clock.now());
  const { kubeconfig, context, namespaces, limits, image, imagePullSecrets, resources, tolerations } = config;
  const cluster = await connect({ kubeconfig, context });
  const monitoring = connectMonitoring(config, cluster);
  return {
    cluster,
    monitoring,
    namespaces,
    limits,
    programs: { image, imagePullSecrets, resources, tolerations },
    guardian: guardianOf(config),
    ...(quiet !== undefined && { quiet: `${name}: ${quiet}` }),
    ...(config.announce && { announce: { ...config.announce, cluster: name } }),
    serviceProxies: [...[config.prometheus, config.alertmanager, config.grafana], ...config.rulers].flatMap(
      (endpoint) => endpoint?.service ?? [],
    ),
    access: {
      kubeconfig: kubeconfig ?? '',
      context,
      namespace: '',
      ...addressesOf(config, monitoring),
      ...(loaded.file !== undefined && { config: { file: loaded.file, cluster: name } }),
    },
    links: linksOf(config),
    sandboxMarker: undefined,
    speed: 1,
  };
}

/** How misfortune.yaml wants the guardian of this cluster. */
export function guardianOf(config: ClusterConfig): GuardianSettings {
  const { guardian, image, imagePullSecrets, tolerations } = config;
  return { image, imagePullSecrets, tolerations, ...guardian, after: guardian.after / 1000 };
}

/** What is reached through the API server opens in no browser. */
function linksOf({ prometheus, grafana }: ClusterConfig): Place['links'] {
  const [first, second] = [withoutCredentials(prometheus.url), withoutCredentials(grafana?.url)];
  return { ...(first && { prometheus: first }), ...(second && { grafana: second }) };
}

function withoutCredentials(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  return origin + pathname.replace(/\/$/, '');
}

function addressesOf(config: ClusterConfig, { prometheus, alertmanager, grafana }: Place['monitoring']) {
  return {
    prometheus: config.prometheus.url ?? prometheus.url,
    ...(alertmanager && { alertmanager: alertmanager.url }),
    ...(grafana && { grafana: grafana.url }),
  };
}
