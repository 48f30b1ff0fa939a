import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatValue } from '../../../src/promql/value.ts';
import type { CorpusSample } from '../../promql/corpus.ts';

const PROMETHEUS = 'prometheus';

/** First line of `prometheus --version`. */
export function installedVersion(): string {
  return execFileSync(PROMETHEUS, ['--version'], { encoding: 'utf8' }).split('\n')[0]!;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real Prometheus that holds exactly these samples. */
export async function startRealPrometheus(
  samples: readonly CorpusSample[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'real-prometheus-'));
  const data = join(folder, 'data');
  writeFileSync(join(folder, 'samples.om'), openMetrics(samples));
  writeFileSync(join(folder, 'prometheus.yml'), 'global: { scrape_interval: 1m, evaluation_interval: 1m }\n');
  await promisify(execFile)('promtool', [
    'tsdb',
    'create-blocks-from',
    'openmetrics',
    join(folder, 'samples.om'),
    data,
  ]);
  const port = await freePort();
  const child = spawn(
    PROMETHEUS,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${port}`;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + 30_000; ; ) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { url, stop };
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error('Expected the real Prometheus to become ready within 30 s');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function openMetrics(samples: readonly CorpusSample[]): string {
  const families = new Map<string, string[]>();
  for (const { labels, time, value } of samples) {
    const { __name__: name, ...rest } = labels;
    const text = Object.entries(rest)
      .map(([label, content]) => `${label}=${JSON.stringify(content)}`)
      .join(',');
    const lines = families.get(name!) ?? [];
    families.set(name!, lines);
    lines.push(`${name}{${text}} ${formatValue(value)} ${time / 1000}`);
  }
  return `${[...families].map(([, lines]) => lines.join('\n')).join('\n')}\n# EOF\n`;
}
