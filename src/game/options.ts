import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../alive.ts';
import { type Clock, realClock } from '../clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { connect } from '../cluster/connect.ts';
import { chooseCluster } from '../config/choose.ts';
import { loadConfig } from '../config/load.ts';
import { quietNow } from '../config/quiet.ts';
import type { ClusterConfig, Limits } from '../config/schema.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { optInLabel } from '../fault/guard-rails.ts';
import type { GuardianSettings } from '../fault/guardian/settings.ts';
import { packageRoot } from '../paths.ts';
import { connectMonitoring } from '../signal/monitoring.ts';
import { openDocument, readScenario } from './documents.ts';
import { findSandbox, type SandboxAccess } from './sandbox-link.ts';
import type { GameSetup } from './setup.ts';

/** What a game is started with, as plain data: it goes to the conductor's process as it is. */
export const gameOptionsSchema = z.strictObject({
  stateHome: z.string(),
  scenarioFile: z.string(),
  playbookFile: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
  /** The sandbox in this folder (default: of the state home), or a cluster of a misfortune.yaml. */
  cluster: z.union([
    z.strictObject({ sandbox: z.string().optional() }),
    z.strictObject({ config: z.string().optional(), name: z.string() }),
  ]),
  player: z.string().default('responder'),
  seed: z.int().nonnegative(),
  /** Default: on a sandbox yes, elsewhere no. */
  undoResponders: z.boolean().optional(),
  autoStart: z.boolean().default(false),
  /** A game without a guardian: one that proves scenarios and is watched by nobody who could be disturbed. */
  unguarded: z.boolean().default(false),
  /** Whether the cluster's channel is told, if it has one. */
  announce: z.boolean().default(true),
  /** Whether responders on other machines can take part, through the API server. */
  open: z.boolean().default(false),
});

export type GameOptions = z.input<typeof gameOptionsSchema>;

/**
 * Reads the documents and connects to the cluster.
 * @throws MisfortuneError of documents, config and connection; `no-sandbox`
 */
export async function setUpGame(options: GameOptions, clock: Clock = realClock): Promise<GameSetup> {
  const given = gameOptionsSchema.parse(options);
  const scenario = await openDocument(given.scenarioFile);
  const playbook = await openDocument(given.playbookFile);
  const { stack } = readScenario(scenario, given.params);
  const place = await openPlace(given.cluster, given.stateHome, clock);
  const namespaces = stack.namespaces.length > 0 ? stack.namespaces : place.namespaces;
  const outside = namespaces.filter((name) => !place.namespaces.includes(name));
  if (outside.length > 0) throw notOpened(outside, place.namespaces);
  return {
    stateHome: given.stateHome,
    scenario,
    playbook,
    params: given.params,
    ...place,
    ...(!given.announce && { announce: undefined }),
    guardian: given.unguarded ? { ...place.guardian, mode: 'off' } : place.guardian,
    ...(given.open && { mailbox: place.guardian.namespace }),
    namespaces,
    access: { ...place.access, namespace: namespaces[0] ?? 'default' },
    seed: given.seed,
    player: given.player,
    version: packageVersion(),
    undoResponders: given.undoResponders ?? place.sandboxMarker !== undefined,
    autoStart: given.autoStart,
    clock,
  };
}

/** Connects to where games can be played. @throws MisfortuneError of config and connection; `no-sandbox` */
export function openPlace(
  cluster: GameOptions['cluster'],
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

/** In the sandbox nobody is disturbed. */
const sandboxLimits: Limits = {
  minutes: 24 * 60,
  requestsPerSecond: 100_000,
  workloads: { percent: 100 },
  nodes: { percent: 100 },
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
    sandboxMarker: undefined,
    speed: 1,
  };
}

/** How misfortune.yaml wants the guardian of this cluster. */
export function guardianOf(config: ClusterConfig): GuardianSettings {
  const { guardian, image, imagePullSecrets, tolerations } = config;
  return { image, imagePullSecrets, tolerations, ...guardian, after: guardian.after / 1000 };
}

function addressesOf(config: ClusterConfig, { prometheus, alertmanager, grafana }: Place['monitoring']) {
  return {
    prometheus: config.prometheus.url ?? prometheus.url,
    ...(alertmanager && { alertmanager: alertmanager.url }),
    ...(grafana && { grafana: grafana.url }),
  };
}

function notOpened(names: string[], open: string[]): MisfortuneError {
  const message = `The scenario's stack is in ${names.join(', ')}; open for games: ${open.join(', ') || 'no namespace'}.`;
  return new MisfortuneError('namespace-not-allowed', message, {
    todo: 'List the namespaces in misfortune.yaml.',
    exitCode: exitCodes.refused,
  });
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
