import { execFile } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import { neededPermissions, preflight } from '../fault/preflight.ts';
import { findSandbox } from '../game/sandbox-link.ts';
import type { GameSetup } from '../game/setup.ts';
import { stateHome } from '../paths.ts';
import { type LoadedLibrary, lintLive, loadLibrary } from './library.ts';
import { print } from './output.ts';
import { isSandbox, type PlaceOptions, placeOf } from './place.ts';
import { setUpEach } from './plans.ts';

/** One thing that a game needs: how it is, and what to do if it is not. */
export interface Finding {
  what: string;
  state: 'ok' | 'missing' | 'warning';
  seen: string;
  todo?: string;
}

/** Checks what a first game needs, without changing anything. */
export async function doctor(options: PlaceOptions & { json?: boolean }): Promise<void> {
  const findings = [...(await machine()), ...(await documents(options)), ...(await cluster(options))];
  print(findings, options, () =>
    findings.flatMap(({ what, state, seen, todo }) => [
      `${marks[state]} ${what}: ${seen}`,
      ...(todo ? [`    ${todo}`] : []),
    ]),
  );
  if (findings.some(({ state }) => state === 'missing')) process.exitCode = exitCodes.failed;
}

const marks: Record<Finding['state'], string> = { ok: '✓', missing: '✗', warning: '!' };

async function machine(): Promise<Finding[]> {
  return [{ what: 'Node', state: 'ok', seen: process.versions.node }, await kubectl(), home()];
}

async function kubectl(): Promise<Finding> {
  try {
    const { stdout } = await promisify(execFile)('kubectl', ['version', '--client', '-o', 'json'], {
      timeout: 10_000,
    });
    return {
      what: 'kubectl',
      state: 'ok',
      seen: (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion,
    };
  } catch (error) {
    return {
      what: 'kubectl',
      state: 'missing',
      seen: (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not on the PATH' : (error as Error).message,
      todo: 'Responders use it: install kubectl 1.28 or newer.',
    };
  }
}

function home(): Finding {
  const folder = stateHome();
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return { what: 'state', state: 'ok', seen: folder };
  } catch (error) {
    return {
      what: 'state',
      state: 'missing',
      seen: `${folder} cannot be written: ${(error as Error).message}`,
      todo: 'Set MISFORTUNE_HOME to a folder of yours.',
    };
  }
}

async function documents(options: PlaceOptions): Promise<Finding[]> {
  const { problems, playable, library } = await loadLibrary(options);
  const seen = `${playable.length} of ${library.scenarios.length} scenarios can be played, ${library.playbooks.length} playbooks`;
  return [
    { what: 'documents', state: problems.length > 0 ? 'warning' : 'ok', seen },
    ...problems.map(
      (problem): Finding => ({ what: 'document', state: 'warning', seen: describeError(problem) }),
    ),
  ];
}

async function cluster(options: PlaceOptions): Promise<Finding[]> {
  try {
    const loaded = await loadLibrary(options);
    const place = placeOf(options, loaded.config);
    if (isSandbox(place) && !findSandbox({ stateHome: stateHome() })) {
      return [
        {
          what: 'cluster',
          state: 'ok',
          seen: 'the sandbox, started by `misfortune play`',
          todo: 'Start it first (`misfortune sandbox start`) to have it checked as well.',
        },
      ];
    }
    return await liveCluster(options, loaded);
  } catch (error) {
    const todo = error instanceof MisfortuneError ? error.todo : undefined;
    return [
      {
        what: 'cluster',
        state: 'missing',
        seen: describeError(error).split('\n')[0] ?? '',
        ...(todo ? { todo } : {}),
      },
    ];
  }
}

/** Guard rails, permissions and monitoring, asked for every scenario that could be played there. */
async function liveCluster(options: PlaceOptions, loaded: LoadedLibrary): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const { name, setup, plan: compile } of setUpEach([], options, loaded)) {
    try {
      if (findings.length === 0)
        findings.push(
          { what: 'cluster', state: 'ok', seen: `${setup.cluster.context} at ${setup.cluster.server}` },
          ...(await monitoring(setup, loaded)),
        );
      const { plan, guard } = await compile();
      const { refusals, warnings } = await preflight(plan, guard, setup.cluster);
      const needed = await neededPermissions(plan, guard, setup.cluster);
      if (refusals.length === 0)
        findings.push({
          what: name,
          state: 'ok',
          seen: `can be played (${needed.length} permissions are there)`,
        });
      for (const { message, todo } of refusals)
        findings.push({ what: name, state: 'missing', seen: message, ...(todo ? { todo } : {}) });
      for (const { message, todo } of warnings)
        findings.push({ what: name, state: 'warning', seen: message, ...(todo ? { todo } : {}) });
    } catch (error) {
      findings.push({ what: name, state: 'missing', seen: describeError(error) });
    }
  }
  return findings;
}

async function monitoring(setup: GameSetup, loaded: LoadedLibrary): Promise<Finding[]> {
  const { prometheus, alertmanager, grafana } = setup.monitoring;
  try {
    const [{ version }, { alerting }] = await Promise.all([prometheus.buildInfo(), prometheus.rules()]);
    const unhealthy = alerting.filter(({ health }) => health === 'err');
    const [sample] = await prometheus.query('time()');
    const skew = sample ? Math.abs(sample.value * 1000 - Date.now()) / 1000 : 0;
    const receivers = await alertmanager?.receivers();
    const live = await lintLive(loaded, { cluster: setup.cluster, monitoring: setup.monitoring });
    return [
      { what: 'Prometheus', state: 'ok', seen: `${version}, ${alerting.length} alerting rules` },
      ...unhealthy.map(
        (rule): Finding => ({
          what: 'rule',
          state: 'warning',
          seen: `${rule.name} fails: ${rule.lastError ?? 'unknown'}`,
        }),
      ),
      ...(skew > 5
        ? [
            {
              what: 'clock',
              state: 'warning',
              seen: `differs from Prometheus' by ${skew.toFixed(0)} s`,
              todo: 'Synchronise the clocks: times in the scorecard are compared.',
            } satisfies Finding,
          ]
        : []),
      receivers
        ? { what: 'Alertmanager', state: 'ok', seen: `receivers that would ring: ${receivers.join(', ')}` }
        : {
            what: 'Alertmanager',
            state: 'warning',
            seen: 'not configured: routing and notification are not graded',
            todo: 'Name it under alertmanager in misfortune.yaml.',
          },
      grafana
        ? { what: 'Grafana', state: 'ok', seen: `${(await grafana.search()).length} dashboards` }
        : {
            what: 'Grafana',
            state: 'warning',
            seen: 'not configured: dashboards are not graded',
            todo: 'Name it under grafana in misfortune.yaml.',
          },
      ...live.map(
        (problem): Finding => ({ what: 'reference', state: 'warning', seen: describeError(problem) }),
      ),
    ];
  } catch (error) {
    return [{ what: 'Prometheus', state: 'missing', seen: describeError(error) }];
  }
}
