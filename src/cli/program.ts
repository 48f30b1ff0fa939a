import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../paths.ts';

const epilog = `
Examples:
  $ misfortune play                        spin the wheel on the sandbox
  $ misfortune join                        a recorded shell for the running game, in a second terminal
  $ misfortune validate haymaker           prove a scenario, its playbook, its alerts

Exit codes: 0 fine · 1 something checked does not hold · 2 wrong use or a wrong file · 3 refused, nothing touched ·
4 a cluster or Prometheus does not answer · 5 something of ours is left (misfortune recover) ·
70 a defect of this program · 130 interrupted

State is kept in $MISFORTUNE_HOME, else $XDG_STATE_HOME/misfortune, else ~/.local/state/misfortune.
NO_COLOR is honoured; without a terminal, plain lines are printed.`;

/** Every command with its options and examples. The code behind a command is loaded when it is run. */
export function makeProgram(): Command {
  const program = new Command('misfortune')
    .description(
      'Game days on a staging Kubernetes cluster: break it, respond, see what alerts, dashboards and playbooks are worth.',
    )
    .version(version())
    .addHelpText('after', epilog)
    .showHelpAfterError('(--help shows how)')
    .exitOverride();
  const add = (name: string, about: string, example: string): Command =>
    program
      .command(name)
      .description(about)
      .addHelpText('after', `\nExample:\n  $ ${example}`)
      .exitOverride();

  cluster(
    add(
      'play [scenario]',
      'play a game: spin the wheel, or a scenario by its name',
      'misfortune play --dry-run haymaker',
    ),
  )
    .option('--dry-run', 'show the plan, the permissions it needs and what it touches; change nothing')
    .option('--master', "show the game master's view (it tells everything)")
    .option('--param <name=value>', 'override a param of the scenario; once a param', repeatable)
    .option('--player <name>', 'who is on call, for the weights of the wheel', 'responder')
    .option('--tags <tags>', 'prefer scenarios with these tags (a,b)')
    .option('--seed <number>', 'make the wheel stop where it stopped with this number')
    .option('--keep', 'leave a sandbox that was started here running')
    .option('--open', 'let responders on other machines take part (misfortune join --context NAME)')
    .option('--unguarded', 'in the sandbox: no guardian, so that a game begins some seconds sooner')
    .option('--no-announce', "do not tell the cluster's channel (announce in misfortune.yaml)")
    .option('--speed <factor>', 'shorten rules, intervals and waits of the sandbox', '1')
    .option('--json', 'without a terminal: print the events of the game, one JSON object a line')
    .action(async (scenario, options) => (await import('./play.ts')).play(scenario, options));

  cluster(
    add(
      'validate [scenarios...]',
      'prove scenarios without a person: effect, alerts, playbook, fixes, wrong fixes',
      'misfortune validate haymaker --speed 4 --junit report.xml',
    ),
  )
    .option('--speed <factor>', 'shorten rules, intervals and waits of the sandbox', '1')
    .option('--list', 'list the cases; run none')
    .option('--only <kinds>', 'these kinds only (playbook,fixes,renamed,wrong-fixes,left-out,nothing)')
    .option('--case <name>', 'the case of this name only; once a case', repeatable)
    .option('--param <name=value>', 'override a param of the scenario; once a param', repeatable)
    .option('--junit <file>', 'write a JUnit report')
    .option('--no-announce', "do not tell the cluster's channel (announce in misfortune.yaml)")
    .option('--json', 'print the result as JSON')
    .action(async (scenarios, options) => (await import('./validate.ts')).validate(scenarios, options));

  cluster(
    add(
      'recover [game]',
      'restore what a crashed game left in the cluster, and prove it',
      'misfortune recover --theirs',
    ),
  )
    .option('--ours', 'where somebody else changed the same field: put our value before the game back')
    .option('--verify', 'compare with the baseline taken before the game as well, whoever changed what')
    .option('--theirs', 'where somebody else changed the same field: keep theirs')
    .option('--context <name>', 'from any machine: what the cluster of this kubeconfig context knows of')
    .option('--kubeconfig <file>', 'with --context: another kubeconfig than kubectl takes')
    .option('--namespace <name>', 'with --context: where the ledgers are', 'maintenance')
    .option('--json', 'print the result as JSON')
    .action(async (game, options) => (await import('./recover.ts')).recover(game, options));

  cluster(
    add(
      'doctor',
      'check what a first game needs, and say how to get what is missing',
      'misfortune doctor --cluster staging',
    ),
  )
    .option('--json', 'print the findings as JSON')
    .action(async (options) => (await import('./doctor.ts')).doctor(options));

  cluster(
    add(
      'announce',
      "tell a cluster's channel that a game day begins, as each game does by itself; nothing is started",
      'misfortune announce --cluster staging --dry-run',
    ),
  )
    .option('--dry-run', 'show what would be said, and to which host; say nothing')
    .option('--json', 'print the result as JSON')
    .action(async (options) => (await import('./announce.ts')).announce(options));

  add(
    'scan',
    'list your services with the alerts and panels that cover them, and write first documents',
    'misfortune scan --context staging-eks --namespace shop --prometheus monitoring/prometheus-operated:9090 --write game-days',
  )
    .option('--cluster <name>', 'a cluster of misfortune.yaml, instead of the following')
    .option('--config <file>', 'misfortune.yaml; default: the nearest one upwards from here')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', "default: kubectl's")
    .option('--namespace <name>', 'a namespace to look at; once a namespace', repeatable)
    .option('--prometheus <where>', 'a URL, or namespace/name:port of a service of the cluster')
    .option('--alertmanager <where>', 'as --prometheus')
    .option('--grafana <where>', 'as --prometheus')
    .option(
      '--service <namespace/name>',
      'the service to write for; default: the one with the likeliest alert',
    )
    .option('--path <path>', "what the load asks for; default: what the service's readiness probe does")
    .option('--write <folder>', 'write misfortune.yaml, a scenario and a playbook there')
    .option('--json', 'print what was found as JSON')
    .action(async (options) => (await import('./scan.ts')).scan(options));

  cluster(
    add(
      'rbac [scenarios...]',
      'print the least Roles with which scenarios can be played',
      'misfortune rbac haymaker --cluster staging --group game-masters | kubectl apply -f -\n  $ misfortune rbac --responders --cluster staging --group oncall | kubectl apply -f -',
    ),
  )
    .option('--user <name>', 'who gets the rights: a user')
    .option('--group <name>', 'who gets the rights: a group')
    .option('--serviceaccount <namespace:name>', 'who gets the rights: a ServiceAccount')
    .option('--open', 'with the rights to take in responders on other machines (play --open)')
    .option('--responders', 'the rights of these responders, instead of those of the game master')
    .option('--name <name>', 'of the Roles and their bindings; default: game-days, game-day-responders')
    .option('--json', 'print a List as JSON')
    .action(async (names, options) => (await import('./rbac.ts')).rbac(names, options));

  add(
    'join',
    'open a recorded shell for the running game: kubectl, Prometheus and dashboards go through the recorder',
    'misfortune join --as alex\n  $ misfortune join --as alex --context staging-eks       a game on another machine (docs/joining.md)',
  )
    .option('--as <name>', 'your name in the log', 'responder')
    .option('--yes', 'agree to the recording without being asked')
    .option(
      '--print-env',
      'print the environment for a shell of your own and record until this ends (Ctrl-C)',
    )
    .option('-c, --command <line>', 'run one line in the recorded shell instead of a person')
    .option('--cluster <name>', 'a game on another machine: its cluster, as your misfortune.yaml names it')
    .option('--config <file>', 'misfortune.yaml; default: the nearest one upwards from here')
    .option('--context <name>', 'instead of --cluster: the context of your kubeconfig')
    .option('--kubeconfig <file>', 'with --context: another kubeconfig than kubectl takes')
    .option('--namespace <name>', 'where the game is looked for; default: maintenance')
    .action(async (options) => (await import('./join.ts')).join(options));

  add(
    'dash [dashboard]',
    'draw a dashboard in the terminal; without a name, list them',
    'misfortune dash shop-overview',
  )
    .option('--minutes <n>', 'how far back', '15')
    .option('--var <name=value>', 'set a variable of the dashboard; once a variable', repeatable)
    .option('--json', 'print the panels and their series as JSON')
    .action(async (dashboard, options) => (await import('./dash.ts')).dash(dashboard, options));

  const scenario = add(
    'scenario',
    'list, check and describe scenarios',
    'misfortune scenario lint scenarios/haymaker.yaml',
  ).enablePositionalOptions();
  scenario
    .command('list')
    .description('titles, tags and difficulty')
    .option('--names', 'show the names too (they tell what is broken)')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (options) => (await import('./documents.ts')).listScenarios(options));
  scenario
    .command('lint [files...]')
    .description('check scenarios, playbooks and what they refer to')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (files, options) => (await import('./documents.ts')).lintFiles(files, options));
  scenario
    .command('faults [type]')
    .description('the fault types a scenario can use')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (type, options) => (await import('./documents.ts')).faults(type, options));

  const playbook = add(
    'playbook',
    'list, check and read playbooks',
    'misfortune playbook show latency-without-a-deploy',
  );
  playbook
    .command('list')
    .description('titles and the alerts they answer')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (options) => (await import('./documents.ts')).listPlaybooks(options));
  playbook
    .command('lint [files...]')
    .description('check playbooks')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (files, options) => (await import('./documents.ts')).lintFiles(files, options));
  playbook
    .command('show <name>')
    .description('the steps to follow; in a game, bound to what the firing alert says')
    .option('--as <name>', 'in a game: your name in the log', process.env.MISFORTUNE_WHO ?? 'responder')
    .option('--with <role=value>', 'bind a role; once a role', repeatable)
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (name, options) => (await import('./documents.ts')).showPlaybook(name, options));

  add(
    'report [game]',
    'make scorecard and report of a game again from its folder (Markdown, JSON, one HTML page)',
    'misfortune report last --out ./review',
  )
    .option('--out <folder>', 'where to write; default: the folder of the game')
    .option('--json', 'print the scorecard as JSON instead')
    .option('--markdown', 'print the report as Markdown instead')
    .action(async (game, options) => (await import('./report.ts')).report(game, options));

  add('games', 'list the games that were played', 'misfortune games --json')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('./games.ts')).games(options));

  const guardian = add(
    'guardian',
    'in the cluster: puts back what a game left when nobody else does',
    'misfortune guardian install --cluster staging --print | kubectl apply -f -',
  );
  cluster(guardian.command('install [scenarios...]'))
    .description('install it once, with the rights that undoing these scenarios needs; default: all of them')
    .option('--print', 'print the manifests; change nothing')
    .option('--json', 'print the result as JSON')
    .exitOverride()
    .action(async (names, options) => (await import('./guardian.ts')).install(names, options));
  cluster(guardian.command('uninstall'))
    .description('remove it and its rights')
    .option('--json', 'print the result as JSON')
    .exitOverride()
    .action(async (options) => (await import('./guardian.ts')).uninstall(options));
  cluster(guardian.command('status'))
    .description('which guardians are there, and of which games the cluster has a ledger')
    .option('--json', 'print it as JSON')
    .exitOverride()
    .action(async (options) => (await import('./guardian.ts')).status(options));

  const sandbox = add(
    'sandbox',
    'the embedded staging cluster',
    'misfortune sandbox start && export KUBECONFIG=$(misfortune sandbox kubeconfig)',
  );
  sandbox
    .command('start')
    .description('start it and leave it running')
    .option('--speed <factor>', 'shorten rules, intervals and waits', '1')
    .option(
      '--rules <file...>',
      'Prometheus rule files instead of those of the shop (misfortune stack rules)',
    )
    .option('--idle <minutes>', 'end it after so many minutes without a request, or never (default: 30)')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (options) => (await import('./sandbox.ts')).start(options));
  sandbox
    .command('stop')
    .description('end it; everything in it is gone')
    .exitOverride()
    .action(async () => (await import('./sandbox.ts')).stop());
  sandbox
    .command('status')
    .description('where it is')
    .option('--json', 'as JSON')
    .exitOverride()
    .action(async (options) => (await import('./sandbox.ts')).status(options));
  sandbox
    .command('kubeconfig')
    .description('print the path of its kubeconfig')
    .option('--responder', 'the one without rights on the control plane')
    .exitOverride()
    .action(async (options) => (await import('./sandbox.ts')).kubeconfig(options));

  const stack = add(
    'stack',
    'the shop for a cluster of your own (docs/real-cluster.md)',
    'misfortune stack deploy shop --context staging-eks --pull-secret registry',
  );
  stack
    .command('print')
    .description('all its objects as YAML')
    .option('--image <image>', 'image with Node for every container; default: node:20-slim')
    .option(
      '--pull-secret <name>',
      'a Secret in shop and batch with which the image is pulled; once a Secret',
      repeatable,
    )
    .option(
      '--limits <deployment=limits>',
      'limits and requests: checkout=cpu=250m,memory=192Mi; once a deployment',
      repeatable,
    )
    .exitOverride()
    .action(async (options) => (await import('./stack.ts')).printStack('print', options));
  deployment(stack.command('deploy <name>'))
    .description('bring it to a cluster (`shop`), and wait until it is available; once more changes nothing')
    .option('--image <image>', 'image with Node for every container; default: node:20-slim')
    .option(
      '--pull-secret <name>',
      'a Secret in shop and batch with which the image is pulled; once a Secret',
      repeatable,
    )
    .option(
      '--limits <deployment=limits>',
      'limits and requests: checkout=cpu=250m,memory=192Mi; once a deployment',
      repeatable,
    )
    .option('--no-wait', 'do not wait until it is available')
    .action(async (name, options) => (await import('./stack-deploy.ts')).deploy(name, options));
  deployment(stack.command('remove <name>'))
    .description('take it away again, and the namespaces that were made for it')
    .action(async (name, options) => (await import('./stack-deploy.ts')).remove(name, options));
  stack
    .command('rules')
    .description('its recording and alerting rules, for Prometheus')
    .exitOverride()
    .action(async () => (await import('./stack.ts')).printStack('rules'));
  stack
    .command('scrape-config')
    .description('a scrape job with the labels that the rules need')
    .exitOverride()
    .action(async () => (await import('./stack.ts')).printStack('scrape-config'));

  const declare = (name: string, about: string, example: string) =>
    add(name, `in a game: ${about}`, example)
      .option('--as <name>', 'your name in the log', process.env.MISFORTUNE_WHO ?? 'responder')
      .option('--json', 'as JSON');
  declare(
    'ack [alert]',
    'acknowledge an alert (default: what fires)',
    'misfortune ack CheckoutLatencyHigh',
  ).action(async (alert, options) => (await import('./declare.ts')).ack(alert, options));
  declare('note <text...>', 'write something into the log', 'misfortune note told support, 14:20 --step tell')
    .option('--step <id>', 'the step of the playbook that this does')
    .action(async (text, options) => (await import('./declare.ts')).note(text, options));
  declare(
    'diagnose',
    'say where it comes from and what kind of failure it is',
    'misfortune diagnose --origin deployment/shop/worker --mechanism config',
  )
    .option('--origin <ref>', 'kind/namespace/name of the cause')
    .option('--mechanism <type>', 'kind of failure')
    .action(async (options) => (await import('./declare.ts')).diagnose(options));
  declare('hint', 'take the next hint', 'misfortune hint').action(async (options) =>
    (await import('./declare.ts')).hint(options),
  );
  declare('resolve', 'claim that it is resolved', 'misfortune resolve').action(async (options) =>
    (await import('./declare.ts')).resolve(options),
  );
  return program;
}

/**
 * Gathers an option that may be there several times. commander's own `<name...>` takes every word up to the next option:
 * `--param rate=100 haymaker` would swallow the scenario.
 */
function repeatable(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Options of commands that touch a cluster. */
function cluster(command: Command): Command {
  return command
    .option('--cluster <name>', 'a cluster of misfortune.yaml; default: the sandbox')
    .option('--config <file>', 'misfortune.yaml; default: the nearest one upwards from here');
}

/** Options of commands that set up a cluster before it is in misfortune.yaml, too. */
function deployment(command: Command): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig; or --cluster')
    .option('--kubeconfig <file>', "with --context: another kubeconfig than kubectl's")
    .option('--cluster <name>', 'a cluster of misfortune.yaml')
    .option('--config <file>', 'misfortune.yaml; default: the nearest one upwards from here')
    .option('--dry-run', 'ask the API server, change nothing')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .option('--json', 'print the result as JSON')
    .exitOverride();
}

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
