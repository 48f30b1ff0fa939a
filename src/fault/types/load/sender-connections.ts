import autocannon, { type Result } from 'autocannon';
import { numberFromEnv, print, runProgram, STOPPED_EXIT_CODE, stopSignal } from '../shared/program.ts';
import { targetFromEnv } from './target-url.ts';

// Runs alone in a container: a fixed number of connections, each sends its next request after an answer.
async function main(): Promise<number> {
  const target = targetFromEnv();
  const settings = {
    connections: numberFromEnv('CONNECTIONS', 10),
    duration: numberFromEnv('DURATION_SECONDS', 60),
    timeout: numberFromEnv('TIMEOUT_MS', 10_000) / 1000,
  };
  print('started', { target: target.href, ...settings });
  const signal = stopSignal();
  const result = await new Promise<Result>((resolve, reject) => {
    const run = autocannon({ url: target.href, ...settings }, (error, found) =>
      error ? reject(error) : resolve(found),
    );
    signal.addEventListener('abort', () => run.stop());
  });
  const { duration, requests, latency, errors, timeouts, non2xx } = result;
  print('finished', {
    seconds: duration,
    answered: requests.total,
    perSecond: requests.average,
    failed: errors,
    timeouts,
    non2xx,
    latencyMs: { p50: latency.p50, p97_5: latency.p97_5, p99: latency.p99, max: latency.max },
  });
  return signal.aborted ? STOPPED_EXIT_CODE : 0;
}

runProgram(main);
