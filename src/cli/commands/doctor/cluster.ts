import { realClock } from '../../../clock.ts';
import type { Permission } from '../../../cluster/cluster.ts';
import { ClusterError } from '../../../cluster/cluster-error.ts';
import { describeError, MisfortuneError } from '../../../errors.ts';
import { checkOpened } from '../../../fault/plan/guard-rails.ts';
import type { Plan } from '../../../fault/plan/plan.ts';
import { neededPermissions, preflight } from '../../../fault/plan/preflight.ts';
import type { LoadedLibrary } from '../../../game/library/library.ts';
import { setUpEach } from '../../../game/library/plans.ts';
import { isSandbox, openPlace, type Place, type PlaceOptions, placeOf } from '../../../game/start/place.ts';
import { findSandbox } from '../../../game/start/sandbox-link.ts';
import { stateHome } from '../../../paths.ts';
import { channelFinding } from './channel.ts';
import { apiServerClock } from './clock.ts';
import { type Finding, missing, ok, refusal, warning } from './finding.ts';
import { guardianFindings, ledgerFindings } from './guardian.ts';
import { monitoringFindings } from './monitoring.ts';
import { permissionFindings } from './permissions.ts';
import { responderFindings } from './responders.ts';

/** All that can be asked of a cluster and of what watches it, without changing anything. */
export async function clusterFindings(options: PlaceOptions, loaded: LoadedLibrary): Promise<Finding[]> {
  try {
    const where = placeOf(options, loaded.config);
    if (isSandbox(where) && !findSandbox({ stateHome: stateHome() })) {
      const todo = 'Start it first (`misfortune sandbox start`) to have it checked as well.';
      return [{ ...ok('cluster', 'the sandbox, started by `misfortune play`'), todo }];
    }
    const place = await openPlace(where, stateHome());
    try {
      return (await liveCluster(place, options, loaded)).map((finding) => aimed(finding, place));
    } finally {
      place.cluster.close();
    }
  } catch (error) {
    return [broken('cluster', error)];
  }
}

async function liveCluster(place: Place, options: PlaceOptions, loaded: LoadedLibrary): Promise<Finding[]> {
  const { cluster, sandboxMarker, guardian, announce, quiet } = place;
  const on = options.cluster === undefined ? '' : ` --cluster ${options.cluster}`;
  const scenarios = await plansOf(options, loaded, shopTodo(loaded, on));
  const undoing = scenarios.flatMap((one) => one.plan?.permissions ?? []);
  const question = { settings: guardian, undoing, place: on, cluster, clock: realClock };
  const asked = {
    needed: scenarios.flatMap((one) => one.needed ?? []),
    forbidden: scenarios.flatMap((one) => one.forbidden ?? []),
  };
  return [
    ok('cluster', `${cluster.context} at ${cluster.server}`),
    ...(await told('clock', () => apiServerClock(cluster))),
    ...(quiet ? [warning('quiet time', `quiet hours are in effect: no game starts on ${quiet}`)] : []),
    ...(await told('namespaces', () => namespaceFindings(place, shopTodo(loaded, on)))),
    ...(await told('permissions', () => permissionFindings(asked, cluster, on))),
    ...(sandboxMarker === undefined
      ? await told('responders', () => responderFindings(place.namespaces, cluster))
      : []),
    ...(await told('ledger', () =>
      ledgerFindings(place, { stateHome: stateHome(), namespace: guardian.namespace }),
    )),
    ...(await told('guardian', () => guardianFindings(question))),
    ...(sandboxMarker === undefined ? [await channelFinding(announce)] : []),
    ...(await told('Prometheus', () => monitoringFindings(place, loaded))),
    ...scenarios.flatMap(({ findings }) => findings),
  ];
}

/** Whatever keeps one question from an answer, the others are asked. */
async function told(what: string, ask: () => Promise<Finding[]>): Promise<Finding[]> {
  return await ask().catch((error: unknown) => [broken(what, error)]);
}

/** Whether the namespaces were opened for games, and the ledger's copy has its own. */
async function namespaceFindings(place: Place, toDeploy: string | undefined): Promise<Finding[]> {
  const { cluster, namespaces, sandboxMarker, limits, guardian } = place;
  const guard = { namespaces, sandboxMarker, limits, secondsToPlay: 0, guardian };
  const refusals = await checkOpened(guard, cluster);
  if (refusals.length > 0)
    return refusals.map((one) =>
      refusal('namespaces', one.code === 'no-namespace' && toDeploy ? { ...one, todo: toDeploy } : one),
    );
  return [ok('namespaces', `${namespaces.join(', ')}: open for games`)];
}

/** How the shop gets there, if it is what is played on. */
function shopTodo({ playable }: LoadedLibrary, on: string): string | undefined {
  if (on === '' || !playable.some(({ scenario }) => scenario.stack.name === 'shop')) return undefined;
  return `\`misfortune stack deploy shop${on}\` deploys the shop.`;
}

interface Planned {
  findings: Finding[];
  plan?: Plan;
  needed?: Permission[];
  /** What may not even be read to plan it. */
  forbidden?: string;
}

/** Codes of refusals that are no scenario's own: they are told once, for all. */
const general = new Set([
  ...['missing-permission', 'not-the-sandbox', 'context-not-allowed', 'no-namespace', 'namespace-ending'],
  ...['abort-annotation', 'maintenance-is-target', 'no-maintenance-namespace'],
]);

/** What preflight says of every scenario that could be played there. */
async function plansOf(
  options: PlaceOptions,
  loaded: LoadedLibrary,
  toDeploy: string | undefined,
): Promise<Planned[]> {
  const planned: Planned[] = [];
  const named = loaded.playable.map(({ scenario }) => scenario.name);
  for (const name of named) {
    try {
      for await (const { setup, plan: compile } of setUpEach([name], options, loaded)) {
        const { plan, guard } = await compile();
        const needed = await neededPermissions(plan, guard, setup.cluster);
        const { refusals, warnings } = await preflight(plan, guard, setup.cluster);
        const isGeneral = ({ code, message }: { code: string; message: string }) =>
          general.has(code) || (code === 'namespace-not-allowed' && message.startsWith('The namespace'));
        const own = refusals.filter((one) => !isGeneral(one));
        const findings = [
          ...(refusals.length === 0 ? [ok(name, 'can be played')] : []),
          ...(refusals.length > 0 && own.length === 0 ? [waits(name)] : []),
          ...own.map((one) => refusal(name, one)),
          ...warnings.map(({ message, todo }) => warning(name, message, todo)),
        ];
        planned.push({ findings, plan, needed });
      }
    } catch (error) {
      const isForbidden = error instanceof ClusterError && error.status === 403;
      planned.push(
        isForbidden
          ? { findings: [waits(name)], forbidden: error.message }
          : { findings: [broken(name, error, toDeploy)] },
      );
    }
  }
  return planned;
}

function waits(name: string): Finding {
  return missing(name, 'cannot be played until the problems above are fixed');
}

/** `more`: what may help as well. */
function broken(what: string, error: unknown, more?: string): Finding {
  if (!(error instanceof MisfortuneError)) return missing(what, describeError(error), more);
  return missing(what, error.message, [error.todo, more].filter(Boolean).join(' '));
}

/** Commands go to the cluster that is meant, whatever kubectl's current context is. */
function aimed(finding: Finding, { access, sandboxMarker, cluster }: Place): Finding {
  if (!finding.todo || sandboxMarker !== undefined) return finding;
  const file = access.kubeconfig ? `--kubeconfig=${access.kubeconfig} ` : '';
  const kubectl = `kubectl ${file}--context=${cluster.context} `;
  return { ...finding, todo: finding.todo.replaceAll(/(`|\| |&& )kubectl /g, `$1${kubectl}`) };
}
