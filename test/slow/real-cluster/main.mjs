// `npm run test:cluster` and `npm run test:contract`: says where to play, by the environment that place.ts reads, and
// hands over to the launcher, which installs and builds what is missing. Plain JavaScript: it runs in a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const here = 'test/slow/real-cluster';
const suites = {
  games: ['fault-types', 'games', 'permissions', 'crash'].map((name) => `${here}/${name}.test.ts`),
  contract: [`${here}/contract.test.ts`],
};

const usage = `Usage: npm run test:cluster -- --kubeconfig FILE [--prometheus WHERE | --enter COMMAND] [--short] [-- VITEST…]
       npm run test:contract -- --kubeconfig FILE [-- VITEST…]

test:cluster plays whole games on the cluster of the kubeconfig's current context: it deploys the shop into the namespaces
shop and batch (refused where these are somebody else's), and removes it again. test:contract replays what a current API
server answered, in namespaces of its own. Both are for a cluster that may be disturbed, and say what it lacks.

  --kubeconfig FILE     default: $MISFORTUNE_CLUSTER_KUBECONFIG
  --prometheus WHERE    namespace/name:port or URL of a Prometheus with the shop's series and rules
                        (misfortune stack rules, misfortune stack scrape-config)
  --alertmanager WHERE  the same for its Alertmanager; without it nobody is seen to be notified
  --enter COMMAND       instead of both: a command that runs its arguments in the network of a node; Debian's Prometheus and
                        Alertmanager are started there
  --short               leave out what takes longest: says what
`;

const options = {
  kubeconfig: { type: 'string' },
  prometheus: { type: 'string' },
  alertmanager: { type: 'string' },
  enter: { type: 'string' },
  short: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

const [suite = '', ...given] = process.argv.slice(2);
process.exitCode = main();

function main() {
  let parsed;
  try {
    parsed = parseArgs({ args: given, options, allowPositionals: true });
  } catch (error) {
    return wrong(error.message);
  }
  const { values, positionals } = parsed;
  const files = suites[suite];
  if (values.help) return tell(usage, 0);
  if (!files) return wrong(`Expected a suite of ${Object.keys(suites).join(', ')}, got "${suite}".`);
  const env = { ...process.env, ...environmentOf(values) };
  const { MISFORTUNE_CLUSTER_KUBECONFIG: kubeconfig } = env;
  if (!kubeconfig) return wrong('Expected --kubeconfig FILE.');
  if (!existsSync(kubeconfig)) return wrong(`There is no kubeconfig at ${kubeconfig}.`);
  const launcher = [join(root, 'src/launch.mjs'), '--test-slow', ...files, ...positionals];
  return spawnSync(process.execPath, launcher, { env, stdio: 'inherit' }).status ?? 1;
}

function environmentOf({ kubeconfig, prometheus, alertmanager, enter, short }) {
  return {
    // What was named must be played on: nothing of it is skipped for want of something.
    MISFORTUNE_REQUIRE_CLUSTER: '1',
    ...(kubeconfig && { MISFORTUNE_CLUSTER_KUBECONFIG: resolve(kubeconfig) }),
    ...(prometheus && { MISFORTUNE_CLUSTER_PROMETHEUS: prometheus }),
    ...(alertmanager && { MISFORTUNE_CLUSTER_ALERTMANAGER: alertmanager }),
    ...(enter && { MISFORTUNE_CLUSTER_ENTER: enter }),
    ...(short && { MISFORTUNE_CLUSTER_SHORT: '1' }),
  };
}

function wrong(message) {
  return tell(`${message}\n\n${usage}`, 2);
}

function tell(text, code) {
  (code === 0 ? process.stdout : process.stderr).write(text);
  return code;
}
