import { connect } from 'node:net';
import { Counter, Gauge } from 'prom-client';
import { numberFromEnv, portsFromEnv } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { createMesh } from '../shared/mesh.ts';
import { createMetrics } from '../shared/metrics.ts';
import { serve } from '../shared/server.ts';
import { Health, leftOut, parseTargets, type Target } from './health.ts';

// Knows which servers behind the load balancers are up, and tells the load balancers which to leave out.
const APP = 'registry';
const CONNECT_MS = 1000;

const log = createLog(APP);
const metrics = createMetrics();
const fall = numberFromEnv('FALL', 3);
const rise = numberFromEnv('RISE', 2);
/** `own`, or a port that is checked in place of each target's own. */
const checkPort = process.env.CHECK_PORT || 'own';
const targets = parseTargets(process.env.TARGETS ?? '').map((target) => ({
  ...target,
  checked: checkedAddress(target),
  health: new Health({ fall, rise }),
}));

const registers = [metrics.registry];
const checks = new Counter({
  name: 'registry_checks_total',
  help: 'Checks of targets, by whether a connection was made.',
  labelNames: ['upstream', 'outcome'],
  registers,
});
const lastCheck = new Gauge({
  name: 'registry_last_check_timestamp_seconds',
  help: 'When all targets had last been checked, in seconds since 1970.',
  registers,
});
new Gauge({
  name: 'registry_target_up',
  help: '1 if the registry holds the target to be up.',
  labelNames: ['upstream'],
  registers,
  collect() {
    for (const { name, health } of targets) this.set({ upstream: name }, Number(health.up));
  },
});
for (const { name } of targets)
  for (const outcome of ['passed', 'failed']) checks.inc({ upstream: name, outcome }, 0);

function checkedAddress({ address }: Target): { host: string; port: number } {
  const [host = '', port] = address.split(':');
  return { host, port: Number(checkPort === 'own' ? port : checkPort) };
}

/** Whether something listens there. */
function answers({ host, port }: { host: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const end = (passed: boolean) => {
      socket.destroy();
      resolve(passed);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

async function checkAll(): Promise<void> {
  await Promise.all(
    targets.map(async ({ name, address, checked, health }) => {
      const passed = await answers(checked);
      checks.inc({ upstream: name, outcome: passed ? 'passed' : 'failed' });
      if (health.check(passed)) log.info(passed ? 'target is up' : 'target is down', { name, address });
    }),
  );
  lastCheck.set(Date.now() / 1000);
}

let timer: NodeJS.Timeout | undefined;
let stopping = false;
async function checkAgainAndAgain(): Promise<void> {
  await checkAll();
  if (!stopping) timer = setTimeout(checkAgainAndAgain, numberFromEnv('EVERY_MS', 1000));
}

void serve({
  ports: portsFromEnv('PORT', [8080]),
  metrics,
  mesh: createMesh(APP, metrics.registry),
  log,
  routes: [
    {
      method: 'GET',
      path: '/out',
      handle: () => ({
        status: 200,
        body: {
          out: leftOut(targets.map(({ address, health }) => ({ address, up: health.up }))).map(
            ({ address }) => address,
          ),
        },
      }),
    },
  ],
  onStop() {
    stopping = true;
    clearTimeout(timer);
  },
});
log.info('checking', { targets: targets.length, port: checkPort });
void checkAgainAndAgain();
