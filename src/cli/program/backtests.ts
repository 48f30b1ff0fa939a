import type { CommandEntry, Option } from './command.ts';

const games: Option = ['--games <folder>', 'the folder of recorded games, or one game'];
const rules: Option = ['--rules <path>', 'a rule file, or a folder of them, as they are to be'];
const base: Option = [
  '--base <path>',
  'the rules as they were; default for a comparison: those that Prometheus evaluated in each game',
];
const later: Option = [
  '--later <duration>',
  'how much later an expected alert may fire without being worse, at speed 1',
  '0s',
];
const json: Option = ['--json', 'print the result as JSON'];

/** Recorded games as tests of rules; none needs a cluster. */
export const backtests = {
  backtest: {
    about: 'evaluate alert rules over recorded games: what fires, when, and how often in quiet time',
    example:
      'misfortune backtest --games games --rules rules\n  $ misfortune backtest --games games --rules rules --sweep CheckoutLatencyHigh',
    options: [
      games,
      rules,
      base,
      ['--sweep <alert>', 'try other values of `for` and other thresholds of this alert'],
      json,
    ],
    load: async () => (await import('../commands/backtest/backtest.ts')).backtestCommand,
  },
  check: {
    about:
      'compare alert rules and playbooks with those of before over recorded games; fails when something got worse',
    example:
      'misfortune check --games games --base main/rules --rules rules --markdown comment.md\n  $ misfortune check --games games --playbooks playbooks',
    options: [
      games,
      rules,
      base,
      ['--playbooks <path>', 'a playbook, or a folder of them, as they are to be'],
      [
        '--base-playbooks <path>',
        'the playbooks as they were; default: the one that each game keeps a copy of',
      ],
      later,
      ['--all', 'show what did not change as well'],
      ['--junit <file>', 'write a JUnit report'],
      ['--markdown <file>', 'write a comment for the pull request'],
      json,
    ],
    load: async () => (await import('../commands/backtest/check.ts')).check,
  },
  mutants: {
    about: 'change one thing of the alert rules at a time, and tell which changes no recorded game notices',
    example: 'misfortune mutants --games games --rules rules --least 80%',
    options: [games, rules, ['--least <percent>', 'fail (exit code 1) when fewer are noticed'], json],
    load: async () => (await import('../commands/backtest/mutants.ts')).mutants,
  },
} satisfies Record<string, CommandEntry>;
