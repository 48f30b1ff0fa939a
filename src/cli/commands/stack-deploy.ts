import { parseAllDocuments } from 'yaml';
import { realClock } from '../../clock.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { connect } from '../../cluster/connection/connect.ts';
import { chooseCluster } from '../../config/choose.ts';
import { loadConfig } from '../../config/load.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { PlaceOptions } from '../../game/start/place.ts';
import { waitAvailable } from '../../stack/available.ts';
import { type Deployed, deployStack } from '../../stack/deploy.ts';
import { type Removed, removeStack } from '../../stack/remove.ts';
import { clean } from '../../words/clean.ts';
import { parseDuration } from '../../words/duration.ts';
import { suggest } from '../../words/nearest.ts';
import { interruptSignal, print } from '../output.ts';
import { type StackPrintOptions, stackText } from './stack.ts';

export interface StackPlaceOptions extends PlaceOptions {
  /** Instead of a cluster of misfortune.yaml: naming it is the permission. */
  context?: string;
  kubeconfig?: string;
  dryRun?: boolean;
  timeout: string;
  json?: boolean;
}

export interface StackDeployOptions extends StackPlaceOptions, StackPrintOptions {
  wait: boolean;
}

/**
 * Brings a stack to a cluster and waits until it is available.
 * @throws MisfortuneError of use; `namespace-not-allowed`, `not-ours`, `game-on` …: nothing was touched; ClusterError
 */
export async function deploy(name: string, options: StackDeployOptions): Promise<void> {
  await atStack(name, options, options, async ({ objects, cluster, kubectl, seconds, signal }) => {
    const { dryRun = false, wait } = options;
    const onDone = tellOf(dryRun);
    const deployed = await deployStack({ objects, cluster, kubectl, signal, dryRun, onDone });
    const late =
      wait && !dryRun
        ? await waitAvailable({
            ...{ objects, cluster, clock: realClock, seconds, signal },
            onProgress: (available, all) => tell(`${available} of ${all} workloads are available`),
          })
        : [];
    print({ context: cluster.context, dryRun, objects: deployed, late }, options, () => [
      ...late.map((line) => `not available after ${options.timeout}: ${clean(line)}`),
      `${dryRun ? 'Would deploy' : 'Deployed'} ${name} to ${clean(cluster.context)}: ${counts(deployed)}.`,
      ...(dryRun ? [] : next(options)),
    ]);
    if (late.length > 0) process.exitCode = exitCodes.failed;
  });
}

/** Takes a stack away, and its namespaces if nothing else is in them. @throws as `deploy` */
export async function remove(name: string, options: StackPlaceOptions): Promise<void> {
  await atStack(name, options, {}, async ({ objects, cluster, seconds, signal }) => {
    const { dryRun = false } = options;
    const onDone = tellOf(dryRun);
    const removed = await removeStack({
      ...{ objects, cluster, clock: realClock, seconds, signal, dryRun, onDone },
    });
    print({ context: cluster.context, dryRun, objects: removed }, options, () => [
      `${dryRun ? 'Would remove' : 'Removed'} ${name} from ${clean(cluster.context)}: ${counts(removed)}.`,
    ]);
  });
}

interface AtStack {
  objects: ClusterObject[];
  cluster: Cluster;
  kubectl: string;
  seconds: number;
  signal: AbortSignal;
}

/** Only one so far; the sandbox ships the same. */
const stacks = ['shop'];

async function atStack(
  name: string,
  options: StackPlaceOptions,
  printed: StackPrintOptions,
  act: (at: AtStack) => Promise<void>,
): Promise<void> {
  if (!stacks.includes(name))
    throw new MisfortuneError('unknown-stack', `There is no stack "${name}".`, {
      todo: suggest(name, stacks) ?? `There is ${stacks.join(', ')}.`,
      exitCode: exitCodes.usage,
    });
  const seconds = secondsOf(options.timeout);
  const objects = parseAllDocuments(await stackText('print', printed)).map(
    (document) => document.toJS() as ClusterObject,
  );
  const { signal, release } = interruptSignal();
  try {
    const place = await placeToDeploy(options, objects);
    const cluster = await connect({ ...place, signal });
    const file = place.kubeconfig ? ` --kubeconfig=${place.kubeconfig}` : '';
    const kubectl = `kubectl${file} --context=${place.context}`;
    try {
      await act({ objects, cluster, kubectl, seconds, signal });
    } finally {
      cluster.close();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    tell('Interrupted. What is listed above is done; run the same command again to continue.');
    process.exitCode = exitCodes.interrupted;
  } finally {
    release();
  }
}

/** A cluster that misfortune.yaml opens for the stack's namespaces, or the context that was named; never kubectl's current one. */
async function placeToDeploy(
  { cluster: name, config, context, kubeconfig }: StackPlaceOptions,
  objects: readonly ClusterObject[],
): Promise<{ kubeconfig: string | undefined; context: string }> {
  if ((name === undefined) === (context === undefined))
    throw new MisfortuneError(
      'no-cluster',
      'Expected either --context NAME of the kubeconfig, or --cluster NAME of misfortune.yaml.',
      {
        todo: 'For example: misfortune stack deploy shop --context staging-eks',
        exitCode: exitCodes.usage,
      },
    );
  if (context !== undefined) return { kubeconfig, context };
  const chosen = chooseCluster(await loadConfig({ file: config }), name!);
  const wanted = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const closed = wanted.filter((namespace) => !chosen.namespaces.includes(namespace));
  if (closed.length > 0)
    throw new MisfortuneError(
      'namespace-not-allowed',
      `misfortune.yaml does not list the namespaces ${closed.join(', ')} for the cluster ${name}.`,
      { todo: 'Add them to its `namespaces`.', exitCode: exitCodes.refused },
    );
  return { kubeconfig: chosen.kubeconfig, context: chosen.context };
}

function secondsOf(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms / 1000;
  throw new MisfortuneError(
    'bad-timeout',
    `Expected a duration like 90s or 5m for --timeout, got "${text}".`,
    {
      exitCode: exitCodes.usage,
    },
  );
}

/** Progress goes to stderr: stdout is the result's. */
function tell(line: string): void {
  process.stderr.write(`${clean(line)}\n`);
}

const tellOf =
  (dryRun: boolean) =>
  ({ ref, done, why }: Removed | (Deployed & { why?: string })): void =>
    tell(`${ref} ${done}${dryRun ? ' (dry run)' : ''}${why ? `: ${why}` : ''}`);

function counts(all: readonly { done: string }[]): string {
  const each = new Map<string, number>();
  for (const { done } of all) each.set(done, (each.get(done) ?? 0) + 1);
  return [...each].map(([done, count]) => `${count} ${done}`).join(', ');
}

function next({ cluster }: StackPlaceOptions): string[] {
  return [
    'Prometheus needs its rules and series: `misfortune stack rules`, `misfortune stack scrape-config`.',
    `What else a game needs: \`misfortune doctor --cluster ${cluster ?? 'NAME'}\`, with the cluster in misfortune.yaml.`,
  ];
}
