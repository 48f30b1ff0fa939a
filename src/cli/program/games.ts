import { caseKinds } from '../../game/validate/result.ts';
import { type CommandEntry, clusterOptions, type Option, param, repeatable } from './command.ts';

const speed: Option = [
  '--speed <factor>',
  'divide the durations of rules, intervals and waits by this of the sandbox',
  '1',
];
const quiet: Option = [
  '--no-announce',
  "do not announce the game to the cluster's channel (announce in misfortune.yaml)",
];

/** Playing, proving, putting back. */
export const games = {
  play: {
    words: '[scenario]',
    about: 'play a game: spin the wheel, or name a scenario',
    example: 'misfortune play --dry-run haymaker',
    options: [
      ...clusterOptions,
      ['--dry-run', 'show the plan, its permissions and its blast radius; change nothing'],
      ['--master', "show the game master's view (it shows what was broken)"],
      param,
      ['--player <name>', 'who is on call, for the weights of the wheel', 'responder'],
      ['--tags <tags>', 'prefer scenarios with these tags (a,b)'],
      ['--seed <number>', 'repeat the draw of the wheel that had this number'],
      ['--keep', 'keep a sandbox running that was started here'],
      ['--open', 'let responders on other machines take part (misfortune join --context NAME)'],
      ['--unguarded', 'in the sandbox: no guardian, so that a game begins a few seconds earlier'],
      quiet,
      speed,
      ['--json', 'without a terminal: print the events of the game, one JSON object a line'],
    ],
    load: async () => (await import('../commands/play.ts')).play,
  },
  validate: {
    words: '[scenarios...]',
    about: 'prove scenarios without a person: effect, alerts, playbook, fixes, wrong fixes',
    example: 'misfortune validate haymaker --speed 4 --junit report.xml',
    options: [
      ...clusterOptions,
      speed,
      ['--all', 'all scenarios; so it is also when none is named'],
      ['--jobs <n>', 'sandboxes at the same time (default: as many as the machine carries)'],
      ['--shard <i/n>', 'the i-th of n parts of the scenarios, for CI jobs side by side'],
      ['--list', 'list the cases; run none'],
      ['--only <kinds>', `these kinds only (${caseKinds.join(',')})`],
      ['--case <name>', 'the case of this name only; once a case', repeatable],
      param,
      [
        '--resume <file>',
        'keep the results in this file, and play only what has not passed in it: after a break, or what failed',
      ],
      ['--record', 'keep of each game what `backtest` and `check` take, in validate/games of the state'],
      ['--junit <file>', 'write a JUnit report'],
      ['--markdown <file>', 'write a table of the scenarios, and of the alerts that fired in them'],
      quiet,
      ['--json', 'print the result as JSON'],
    ],
    load: async () => (await import('../commands/validate.ts')).validate,
  },
  recover: {
    words: '[game]',
    about: 'restore what a crashed game left in the cluster, and verify it',
    example: 'misfortune recover --theirs',
    options: [
      ...clusterOptions,
      ['--ours', 'where somebody else changed the same field: restore the value from before the game'],
      ['--verify', 'also compare with the baseline from before the game, whoever changed what'],
      ['--theirs', 'where somebody else changed the same field: keep their value'],
      [
        '--context <name>',
        'from any machine: the games whose ledger is in the cluster of this kubeconfig context',
      ],
      ['--kubeconfig <file>', 'with --context: another kubeconfig than kubectl takes'],
      ['--namespace <name>', 'with --context: where the ledgers are', 'maintenance'],
      ['--json', 'print the result as JSON'],
    ],
    load: async () => (await import('../commands/recover.ts')).recover,
  },
} satisfies Record<string, CommandEntry>;
