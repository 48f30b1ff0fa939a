import { numberFromEnv, print, runProgram, STOPPED_EXIT_CODE, stopSignal } from '../shared/program.ts';
import { repeatedGet } from './http-get.ts';
import { startOpenLoop } from './open-loop.ts';
import { targetFromEnv } from './target-url.ts';

// Runs alone in a container: requests at a fixed rate, open loop. Its texts can be read by anybody who looks
// at the pod, so they name what it does and not what for.
const REPORT_SECONDS = 10;

async function main(): Promise<number> {
  const target = targetFromEnv();
  const timeoutMs = numberFromEnv('TIMEOUT_MS', 10_000);
  const perSecond = numberFromEnv('PER_SECOND', 1);
  const settings = {
    perSecond,
    durationSeconds: numberFromEnv('DURATION_SECONDS', 60),
    rampSeconds: numberFromEnv('RAMP_SECONDS', 0),
    maxInFlight: numberFromEnv('MAX_IN_FLIGHT', 1000),
  };
  if (perSecond === 0) throw new Error('Expected PER_SECOND to be above 0.');
  const signal = stopSignal();
  print('started', { target: target.href, ...settings });
  const run = startOpenLoop({
    ...settings,
    send: repeatedGet(target, timeoutMs, signal),
    signal,
    graceMs: timeoutMs,
  });
  const reporter = setInterval(() => print('progress', run.summary()), REPORT_SECONDS * 1000);
  const summary = await run.finished;
  clearInterval(reporter);
  print('finished', summary);
  return signal.aborted ? STOPPED_EXIT_CODE : 0;
}

runProgram(main);
