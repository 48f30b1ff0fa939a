import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { OpenLoopSummary } from './open-loop.ts';

export interface SenderMeasurement extends OpenLoopSummary {
  perSecond: number;
  answerMs: number;
  /** Requests per second that the server counted while the schedule ran. */
  arrivedPerSecond: number;
  /** Most requests that the server held at a time. */
  mostInFlight: number;
  /** Requests that the server counted in each whole second after the first one. */
  bySecond: number[];
}

export interface MeasureOptions {
  /** Path of the bundled sender: dist/programs/sender-rate.cjs. */
  program: string;
  perSecond: number;
  /** How long the server takes for each answer. */
  answerMs: number;
  durationSeconds: number;
  /** The rate rises in a straight line from 0 during these first seconds. */
  rampSeconds?: number;
  /** Processes that share the rate. */
  replicas?: number;
  maxInFlight?: number;
}

/** Runs the sender as an own process against a server on loopback that answers after `answerMs`. */
export async function measureSender(options: MeasureOptions): Promise<SenderMeasurement> {
  const { answerMs, durationSeconds, replicas = 1 } = options;
  let arrived = 0;
  let first = 0;
  const bySecond: number[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const server = createServer((_request, response) => {
    arrived += 1;
    first ||= performance.now();
    const second = Math.floor((performance.now() - first) / 1000);
    bySecond[second] = (bySecond[second] ?? 0) + 1;
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    setTimeout(() => {
      inFlight -= 1;
      response.end('ok');
    }, answerMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 4096, resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const runs = Array.from({ length: replicas }, () => runSender(url, options, replicas));
    const summaries = await Promise.all(runs);
    const sum = (key: Counted) => summaries.reduce((all, each) => all + each[key], 0);
    return {
      ...summaries[0]!,
      ...{ due: sum('due'), sent: sum('sent'), unsent: sum('unsent'), answered: sum('answered') },
      ...{ failed: sum('failed'), pending: sum('pending') },
      perSecond: options.perSecond,
      answerMs,
      arrivedPerSecond: arrived / durationSeconds,
      mostInFlight,
      bySecond,
    };
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

type Counted = 'due' | 'sent' | 'unsent' | 'answered' | 'failed' | 'pending';

async function runSender(url: string, options: MeasureOptions, replicas: number): Promise<OpenLoopSummary> {
  const { program, perSecond, answerMs, durationSeconds, rampSeconds = 0, maxInFlight = 20_000 } = options;
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      TARGET_URL: url,
      PER_SECOND: String(perSecond / replicas),
      RAMP_SECONDS: String(rampSeconds),
      DURATION_SECONDS: String(durationSeconds),
      MAX_IN_FLIGHT: String(maxInFlight),
      TIMEOUT_MS: String(answerMs + 5000),
    },
  });
  try {
    let summary: OpenLoopSummary | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const {
        msg,
        time: _time,
        ...fields
      } = JSON.parse(line) as { msg: string; time: string } & OpenLoopSummary;
      if (msg === 'finished') summary = fields;
      if (msg === 'failed') throw new Error(`Expected the sender to run, got: ${line}`);
    }
    if (!summary) throw new Error('Expected a summary from the sender, but it ended without one.');
    return summary;
  } finally {
    child.kill();
  }
}
