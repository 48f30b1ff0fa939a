import { readFileSync } from 'node:fs';
import { Gauge } from 'prom-client';
import { numberFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { createMetrics } from '../shared/metrics.ts';
import { serveMetrics } from '../shared/server.ts';
import { ask, type Outcome } from './ask.ts';

// Asks as somebody outside does: by the public name, with TLS, without the mesh. The metrics are those of blackbox_exporter.
const APP = 'probe';

const log = createLog(APP);
const metrics = createMetrics();
const targets = (process.env.TARGETS ?? '').split(/\s+/).filter(Boolean);
const caFile = process.env.CA_FILE;
const timeoutMs = numberFromEnv('TIMEOUT_MS', 3000);
const everyMs = numberFromEnv('EVERY_MS', 2000);
const registers = [metrics.registry];
const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
  new Gauge({ name, help, labelNames: ['target', ...labelNames] as const, registers });
const success = gauge('probe_success', 'Displays whether or not the probe was a success.');
const duration = gauge('probe_duration_seconds', 'How long the probe took to complete in seconds.');
const status = gauge('probe_http_status_code', 'Response HTTP status code.');
const phases = gauge('probe_http_duration_seconds', 'Duration of http request by phase.', 'phase');
const expiry = gauge('probe_ssl_earliest_cert_expiry', 'Earliest SSL cert expiry in unixtime.');
const failures = new Map<string, string>();

async function probe(target: string): Promise<void> {
  const started = performance.now();
  const outcome = await ask(target, caFile && readFileSync(caFile, 'utf8'), timeoutMs);
  duration.set({ target }, (performance.now() - started) / 1000);
  success.set({ target }, outcome.problem === undefined ? 1 : 0);
  status.set({ target }, outcome.status);
  for (const phase of ['resolve', 'connect', 'tls', 'processing', 'transfer'] as const)
    phases.set({ target, phase }, outcome.phases[phase] ?? 0);
  if (outcome.certificateExpires) expiry.set({ target }, outcome.certificateExpires);
  else expiry.remove({ target });
  tell(target, outcome);
}

/** One line when it begins to fail, when it fails otherwise, and when it is over. */
function tell(target: string, { problem, status: code }: Outcome): void {
  const before = failures.get(target);
  if (problem === before) return;
  if (problem === undefined) {
    failures.delete(target);
    log.info('probe succeeds again', { target });
    return;
  }
  failures.set(target, problem);
  log.error(`probe of ${target} fails`, { problem, status: code });
}

const timers = targets.map((target) => setInterval(() => void probe(target), everyMs));
void serveMetrics(APP, {
  metrics,
  log,
  onStop: () => {
    for (const timer of timers) clearInterval(timer);
  },
});
