import { numberFromEnv } from './shared/env.ts';
import { type KubeObject, request } from './shared/kubernetes.ts';
import { createLog } from './shared/log.ts';

// Deletes pods that have become old, the oldest first and one at a time: whoever leaks memory starts anew.
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

interface Pod extends KubeObject {
  metadata: KubeObject['metadata'] & { creationTimestamp: string; deletionTimestamp?: string };
}

/** Seconds of `7d`, `12h`, `90s`; a number alone is of seconds. */
function secondsOf(text: string): number {
  const [, number, unit = 's'] = /^(\d+)([smhd])?$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`Expected MAX_AGE like 7d, 12h, 90m or 30s, got "${text}".`);
  return Number(number) * UNITS[unit]!;
}

const log = createLog('recycler');
const namespace = process.env.NAMESPACE ?? 'shop';
const selector = process.env.SELECTOR ?? '';
const maxAgeSeconds = secondsOf(process.env.MAX_AGE ?? '7d');
const everySeconds = numberFromEnv('EVERY_SECONDS', 60);
const forSeconds = numberFromEnv('FOR_SECONDS', 0);
const pods = `/api/v1/namespaces/${namespace}/pods`;

const ageOf = ({ metadata }: Pod): number => (Date.now() - Date.parse(metadata.creationTimestamp)) / 1000;

async function pass(): Promise<void> {
  const { items } = await request<{ items: Pod[] }>(
    'GET',
    `${pods}?labelSelector=${encodeURIComponent(selector)}`,
  );
  const old = items
    .filter((pod) => !pod.metadata.deletionTimestamp && ageOf(pod) > maxAgeSeconds)
    .sort((a, b) => ageOf(b) - ageOf(a));
  const [oldest] = old;
  if (!oldest) return log.info('no pod is old enough', { pods: items.length, maxAgeSeconds });
  await request('DELETE', `${pods}/${oldest.metadata.name}`);
  log.info('pod deleted', {
    pod: `${namespace}/${oldest.metadata.name}`,
    ageSeconds: Math.round(ageOf(oldest)),
    maxAgeSeconds,
    waiting: old.length - 1,
  });
}

async function run(): Promise<void> {
  if (selector === '') throw new Error('Expected SELECTOR to say which pods; all of them are never meant.');
  const until = Date.now() + forSeconds * 1000;
  do {
    await pass();
    await new Promise((resolve) => setTimeout(resolve, everySeconds * 1000));
  } while (Date.now() < until);
}

process.on('SIGTERM', () => process.exit(143));
run().catch((error: Error) => {
  log.error('stopped', { error: error.message });
  process.exitCode = 1;
});
