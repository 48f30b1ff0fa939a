import { type ChildProcess, execFile, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Figure, median, spread } from './measure.ts';
import { END, openMetrics, RANGE } from './promql-data.ts';

/** Argument of the benchmark's program: do nothing but serve (servePromql). */
export const SERVE = 'serve-promql';

const rounds = 7;

/** The kinds of query that dashboards and alerts are made of, at one time and over the hour. */
const QUERIES = {
  rate: 'rate(requests_total[5m])',
  'sum by': 'sum by (service) (requests_total)',
  histogram_quantile: 'histogram_quantile(0.9, sum by (service, le) (rate(request_seconds_bucket[5m])))',
  'max_over_time of a subquery': 'max_over_time(rate(requests_total[1m])[10m:30s])',
};

/**
 * The sandbox's Prometheus against the real one (`prometheus` and `promtool` on the PATH; nothing is measured without):
 * the same 2,000 series of an hour at 5 s, the same requests, in turn. CPU time of the two processes, which is what others
 * on this machine notice.
 */
export async function promqlFigures(home: string): Promise<Figure[]> {
  const real = await startReal(home).catch((error: unknown) => {
    process.stderr.write(`promql: not measured, ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (!real) return [];
  const ours = await startOurs();
  try {
    const figures: Figure[] = [];
    for (const [name, query] of Object.entries(QUERIES)) {
      figures.push(await compared(`${name}, instant`, instant(query), 20, ours, real));
      figures.push(await compared(`${name}, an hour by 15 s`, range(query), 1, ours, real));
    }
    return figures;
  } finally {
    ours.process.kill();
    real.process.kill();
  }
}

interface Server {
  url: string;
  process: ChildProcess;
}

async function compared(
  what: string,
  path: string,
  times: number,
  ours: Server,
  real: Server,
): Promise<Figure> {
  const took = { ours: [] as number[], real: [] as number[] };
  for (let round = -2; round < rounds; round++) {
    const [a, b] = [await cpuOf(ours, path, times), await cpuOf(real, path, times)];
    // The first rounds warm up.
    if (round >= 0) took.ours.push(a / times);
    if (round >= 0) took.real.push(b / times);
  }
  return {
    what: `PromQL: ${what}`,
    value: `${(median(took.ours) / median(took.real)).toFixed(2)} × Prometheus`,
    how: `${rounds} pairs, CPU time: ${spread(took.ours, 'ms')} against ${spread(took.real, 'ms')}`,
  };
}

function instant(query: string): string {
  return `/api/v1/query?${new URLSearchParams({ query, time: String(END / 1000) })}`;
}

function range(query: string): string {
  const { start, end, step } = RANGE;
  const params = { query, start: String(start / 1000), end: String(end / 1000), step: String(step / 1000) };
  return `/api/v1/query_range?${new URLSearchParams(params)}`;
}

/** CPU time that a server takes for these requests, ms. */
async function cpuOf({ url, process: { pid } }: Server, path: string, times: number): Promise<number> {
  const before = ticks(pid!);
  for (let i = 0; i < times; i++) {
    const answer = await fetch(url + path);
    const text = await answer.text();
    if (!text.startsWith('{"status":"success"'))
      throw new Error(`Expected an answer, got ${text.slice(0, 200)}`);
  }
  return (ticks(pid!) - before) * 10;
}

/** Hundredths of a second in user and kernel. */
function ticks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

async function startOurs(): Promise<Server> {
  // The same program: see main.ts.
  const child = fork(process.argv[1]!, [SERVE], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [url] = (await once(child, 'message')) as [string];
  return { url, process: child };
}

async function startReal(home: string): Promise<Server> {
  const data = join(home, 'prometheus');
  const samples = join(home, 'samples.om');
  writeFileSync(samples, openMetrics());
  writeFileSync(join(home, 'prometheus.yml'), 'global: { scrape_interval: 1m }\n');
  await promisify(execFile)('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', samples, data]);
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(home, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=${address}`,
    ],
    { stdio: 'ignore' },
  );
  for (;;) {
    const ready = await fetch(`http://${address}/-/ready`).catch(() => undefined);
    if (ready?.ok) return { url: `http://${address}`, process: child };
    if (child.exitCode !== null) throw new Error('Prometheus did not start');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
