import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { measureSender } from '../fault/types/load/measure.ts';
import { program } from '../paths.ts';
import { type Figure, median } from './measure.ts';

const durationSeconds = 6;

/** Whether the open loop keeps its schedule, and what the closed loop reaches beside a known tool. Loopback only. */
export async function loadFigures(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const answerMs of [20, 1000, 5000]) {
    for (const perSecond of [100, 500, 2000]) {
      const measured = await measureSender({
        program: program('programs/sender-rate.cjs'),
        perSecond,
        answerMs,
        durationSeconds,
      });
      const off = (measured.arrivedPerSecond / perSecond - 1) * 100;
      figures.push({
        what: `open loop, ${perSecond}/s, answers in ${answerMs} ms`,
        value: `${measured.arrivedPerSecond.toFixed(0)} /s (${off >= 0 ? '+' : ''}${off.toFixed(1)} %)`,
        how: `${durationSeconds} s, at most ${measured.mostInFlight} in flight`,
      });
    }
  }
  return [...figures, await ramp(), ...(await closedLoop())];
}

/** Three replicas that rise together: the second that is furthest off what the straight line says for it. */
async function ramp(): Promise<Figure> {
  const plan = { perSecond: 600, rampSeconds: 4, durationSeconds: 6, replicas: 3, answerMs: 20 };
  const { bySecond } = await measureSender({ program: program('programs/sender-rate.cjs'), ...plan });
  const byThen = (second: number) => {
    const inRamp = Math.min(second, plan.rampSeconds);
    return plan.perSecond * (inRamp ** 2 / (2 * plan.rampSeconds) + second - inRamp);
  };
  const off = bySecond.slice(0, plan.durationSeconds).map((count, second) => {
    return Math.abs(count - (byThen(second + 1) - byThen(second)));
  });
  return {
    what: `open loop, ${plan.replicas} replicas that rise to ${plan.perSecond}/s in ${plan.rampSeconds} s`,
    value: `${Math.max(...off).toFixed(0)} requests off in the worst second`,
    how: `each of ${plan.durationSeconds} s against the straight line; replicas start one after another`,
  };
}

async function closedLoop(): Promise<Figure[]> {
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < 3; round++) {
      ours.push(await ourRate(url));
      const rate = await heyRate(url);
      if (rate === undefined)
        return [
          {
            what: 'closed loop, 20 connections',
            value: `${median(ours).toFixed(0)} /s`,
            how: 'hey is not installed: nothing to compare with',
          },
        ];
      theirs.push(rate);
    }
    const ratios = ours.map((rate, index) => rate / (theirs[index] ?? Number.NaN));
    return [
      {
        what: 'closed loop, 20 connections',
        value: `${median(ratios).toFixed(2)} × hey`,
        how: `3 pairs of 4 s: ${median(ours).toFixed(0)} /s against ${median(theirs).toFixed(0)} /s, one server process`,
      },
    ];
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function ourRate(url: string): Promise<number> {
  const child = spawn(process.execPath, [program('programs/sender-connections.cjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { TARGET_URL: url, CONNECTIONS: '20', DURATION_SECONDS: '4', TIMEOUT_MS: '5000' },
  });
  let text = '';
  for await (const chunk of child.stdout) text += chunk;
  const last = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; answered?: number })
    .findLast(({ msg }) => msg === 'finished');
  return (last?.answered ?? Number.NaN) / 4;
}

async function heyRate(url: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('hey', ['-c', '20', '-z', '4s', url]);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  } catch {
    return undefined;
  }
}
