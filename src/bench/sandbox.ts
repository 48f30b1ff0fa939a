import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { realClock } from '../clock.ts';
import { loadCredentials } from '../cluster/connection/credentials.ts';
import type { SandboxAccess } from '../game/start/sandbox-link.ts';
import { startSandbox, stopSandbox } from '../game/start/sandbox-process.ts';
import { startRecorder } from '../recorder/recorder.ts';
import { type Figure, median, pairs, spread, timed } from './measure.ts';
import { processTree, pss } from './processes.ts';

const run = promisify(execFile);

/** Cold start, memory, the recorder's price, and what evaluating the rules costs. */
export async function sandboxFigures(home: string): Promise<Figure[]> {
  const starts: number[] = [];
  let access: SandboxAccess | undefined;
  for (let round = 0; round < 3; round++) {
    if (access) await stopSandbox(access);
    starts.push(
      await timed(async () => {
        access = await startSandbox({ stateHome: home });
      }),
    );
  }
  if (!access) return [];
  try {
    return [
      {
        what: 'sandbox cold start',
        value: spread(
          starts.map((ms) => ms / 1000),
          's',
          1,
        ),
        how: '3 starts, until every pod is Ready',
      },
      ...memory(access.pid),
      ...(await throughRecorder(access, home)),
      ...(await ruleEvaluation(access)),
    ];
  } finally {
    await stopSandbox(access);
  }
}

function memory(controlPlane: number): Figure[] {
  const children = processTree(controlPlane);
  const own = pss(controlPlane);
  if (own === undefined)
    return [{ what: 'memory', value: 'not measured', how: '/proc/PID/smaps_rollup is not there' }];
  const [runtime, ...pods] = children.map((pid) => pss(pid) ?? 0);
  return [
    {
      what: 'memory of the control plane',
      value: `${mebibytes(own)} MiB PSS`,
      how: 'API server, controllers, kubelet, monitor in one process',
    },
    {
      what: 'memory of the container runtime',
      value: `${mebibytes(runtime ?? 0)} MiB PSS`,
      how: 'one process for all containers',
    },
    {
      what: 'memory of a pod',
      value: `${mebibytes(median(pods))} MiB PSS`,
      how: `median of ${pods.length} pods, ${mebibytes(pods.reduce((a, b) => a + b, 0))} MiB together`,
    },
  ];
}

function mebibytes(kibibytes: number): string {
  return (kibibytes / 1024).toFixed(0);
}

async function throughRecorder(access: SandboxAccess, home: string): Promise<Figure[]> {
  const recorder = await startRecorder({
    credentials: await loadCredentials({ kubeconfig: access.responderKubeconfig, context: access.context }),
    namespace: 'shop',
    monitoring: {},
    sink: { actions: async () => undefined, preimages: async () => undefined },
    who: 'bench',
    clock: realClock,
    folder: join(home, 'recorder'),
  });
  const kubectl = (kubeconfig: string) =>
    run('kubectl', ['-n', 'shop', 'get', 'pods'], { env: { ...process.env, KUBECONFIG: kubeconfig } });
  try {
    const { a, b, ratios } = await pairs(
      15,
      () => kubectl(recorder.kubeconfig),
      () => kubectl(access.responderKubeconfig),
    );
    return [
      {
        what: 'kubectl get pods through the recorder',
        value: `${median(ratios).toFixed(2)} × direct`,
        how: `15 pairs, whole commands: ${spread(a, 'ms')} against ${spread(b, 'ms')}`,
      },
    ];
  } catch (error) {
    return [
      {
        what: 'kubectl get pods through the recorder',
        value: 'not measured',
        how: (error as Error).message.split('\n')[0] ?? '',
      },
    ];
  } finally {
    await recorder.close();
  }
}

async function ruleEvaluation(access: SandboxAccess): Promise<Figure[]> {
  // A few rounds, so that series and caches are as in a game.
  await realClock.sleep(20_000);
  const times: number[] = [];
  let rules = 0;
  for (let round = 0; round < 5; round++) {
    const answer = (await (await fetch(`${access.prometheus}/api/v1/rules`)).json()) as {
      data: { groups: { evaluationTime: number; rules: unknown[] }[] };
    };
    rules = answer.data.groups.reduce((sum, group) => sum + group.rules.length, 0);
    times.push(answer.data.groups.reduce((sum, group) => sum + group.evaluationTime, 0) * 1000);
    await realClock.sleep(5_000);
  }
  return [
    {
      what: 'evaluation of all rules',
      value: spread(times, 'ms', 1),
      how: `${rules} rules of the shop, as the monitor measures them`,
    },
  ];
}
