import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ClusterObject } from '../../cluster/cluster.ts';
import { formatRef, parseRef } from '../../cluster/ref.ts';
import type { AlertEpisode } from '../../log/alert-episodes.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { GameSetup } from '../start/setup.ts';
import { missingAlerts } from './alerts.ts';
import { firstLooks, giveaways, listOwned, ownersAmong } from './giveaway.ts';
import { fail } from './result.ts';
import type { Round } from './round.ts';

const run = promisify(execFile);

/** A list of a whole cluster takes seconds where it is large; real ms. */
const lookPatience = 30_000;

/** So many single looks may show the culprit alone: one is what an alert leads to. */
const mayTell = 1;

/** What the looks printed, and what was there. */
export interface Looked {
  /** undefined: the responder may not read this, or kubectl failed. */
  printed: (string | undefined)[];
  owned: ClusterObject[];
  /** CronJobs. */
  life: ClusterObject[];
}

/** Looks with the responder's own credentials, and past the recorder: no player did this. */
export async function lookAround(
  { access, cluster }: Pick<GameSetup, 'access' | 'cluster'>,
  signal: AbortSignal,
): Promise<Looked> {
  const printed: Looked['printed'] = [];
  for (const { command } of firstLooks) printed.push(await printedBy(command, access, signal));
  const [owned, life] = await Promise.all([
    listOwned(cluster, signal),
    cluster.list({ kind: 'cronjob', group: 'batch' }, {}, signal),
  ]);
  return { printed, owned, life };
}

/**
 * Waits for the alerts, then looks as a responder does who knows nothing: more than one single command that shows what is broken
 * and nothing else that is new takes the understanding out of the game. Gives those commands; throws CaseFailure.
 */
export async function expectSecret(round: Round, scenario: Scenario, before: Looked): Promise<string[]> {
  await missingAlerts(round, scenario.alerts.expected, undefined);
  const { setup, signal } = round;
  const now = await lookAround(setup, signal);
  const { origin, accept } = scenario.diagnosis;
  const culprits = [origin, ...accept].map(parseRef);
  const ownerOf = ownersAmong([...before.owned, ...now.owned]);
  const both = firstLooks.flatMap((look, index) => {
    const [was, is] = [before.printed[index], now.printed[index]];
    if (was !== undefined && is !== undefined) return [{ look, before: was, now: is }];
    round.saw(`${look.command}: could not be read`);
    return [];
  });
  if (both.length === 0) fail('kubectl could read nothing of what responders look at first');
  const life = before.life.map(({ metadata: { namespace, name } }) => ({ kind: 'cronjob', namespace, name }));
  const found = giveaways(both, { culprits, life, ownerOf });
  for (const { command, stands, tells } of found)
    round.saw(
      `${command}: ${stands.map(formatRef).join(', ') || 'nothing new'}${tells ? ' (tells all)' : ''}`,
    );
  const telling = found.filter(({ tells }) => tells).map(({ command }) => command);
  const pages = new Set(scenario.alerts.expected.flatMap(({ name, or }) => [name, ...or]));
  const paged = round.state().alerts.filter(({ name }) => pages.has(name));
  const described = describedByAlerts(paged, ownerOf).filter((ref) =>
    culprits.some((one) => formatRef({ ...one, group: undefined }) === ref),
  );
  if (described.length > 0) {
    round.saw(`describe of what the alert names: ${described.join(', ')} (tells all)`);
    telling.push(`kubectl describe ${described[0]}`);
  }
  return telling;
}

/** A sentence where too many single commands tell all. */
export function tooTelling(telling: readonly string[]): string[] {
  if (telling.length <= mayTell) return [];
  return [
    `${telling.length} single commands show the culprit and nothing else that is new: ${telling.join('; ')}. ` +
      'A decoy beside it, or another name or place, lets a player compare.',
  ];
}

/** The workloads that the labels of the alerts name. Others than the expected ones may fire or not, and come later. */
function describedByAlerts(
  alerts: readonly AlertEpisode[],
  ownerOf: ReturnType<typeof ownersAmong>,
): string[] {
  const kinds = ['deployment', 'statefulset', 'daemonset', 'cronjob', 'job', 'pod'];
  const named = alerts.flatMap(({ labels, background, firingAt }) => {
    const kind = kinds.find((one) => labels[one] !== undefined);
    if (background || firingAt === undefined || !kind) return [];
    return [formatRef(ownerOf({ kind, namespace: labels.namespace, name: labels[kind]! }))];
  });
  return [...new Set(named)];
}

async function printedBy(
  command: string,
  { kubeconfig, context }: GameSetup['access'],
  signal: AbortSignal,
): Promise<string | undefined> {
  const [program = '', ...args] = command.split(' ');
  try {
    const { stdout } = await run(program, [...args, '--context', context, '--request-timeout=20s'], {
      env: { ...process.env, ...(kubeconfig && { KUBECONFIG: kubeconfig }) },
      maxBuffer: 64 * 2 ** 20,
      timeout: lookPatience,
      signal,
    });
    return stdout;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
