import { type CommandEntry, nameOption, repeatable } from './command.ts';

/** Taking part in a game. */
export const responders = {
  join: {
    about:
      'open a recorded shell for the running game: kubectl, Prometheus and dashboards go through the recorder',
    example:
      'misfortune join --as alex\n  $ misfortune join --as alex --context staging-eks       a game on another machine (docs/joining.md)',
    options: [
      ['--as <name>', 'your name in the log', 'responder'],
      ['--yes', 'consent to the recording without being asked'],
      ['--print-env', 'print the environment for your own shell and record until this command ends (Ctrl-C)'],
      ['-c, --command <line>', 'run one line in the recorded shell instead of a person'],
      ['--cluster <name>', 'a game on another machine: its cluster, as your misfortune.yaml names it'],
      ['--config <file>', 'misfortune.yaml; default: the nearest one upwards from here'],
      ['--context <name>', 'instead of --cluster: the context of your kubeconfig'],
      ['--kubeconfig <file>', 'with --context: another kubeconfig than kubectl takes'],
      ['--namespace <name>', 'where the game is looked for; default: maintenance'],
    ],
    load: async () => (await import('../commands/join/join.ts')).join,
  },
  dash: {
    words: '[dashboard]',
    about: 'draw a dashboard in the terminal; without a name, list them',
    example: 'misfortune dash shop-overview',
    options: [
      ['--minutes <n>', 'how far back', '15'],
      ['--var <name=value>', 'set a variable of the dashboard; once a variable', repeatable],
      ['--json', 'print the panels and their series as JSON'],
    ],
    load: async () => (await import('../commands/dash.ts')).dash,
  },
} satisfies Record<string, CommandEntry>;

/** What a responder says in a game. */
export const declarations = {
  ack: {
    words: '[alert]',
    ...declaration('acknowledge an alert (default: all that fire)', 'misfortune ack CheckoutLatencyHigh'),
    load: async () => (await import('../commands/declare.ts')).ack,
  },
  note: {
    words: '<text...>',
    ...declaration('write a note into the log', 'misfortune note informed support, 14:20 --step tell', [
      ['--step <id>', 'the step of the playbook that this does'],
    ]),
    load: async () => (await import('../commands/declare.ts')).note,
  },
  diagnose: {
    ...declaration(
      'name the suspected root cause and the type of failure',
      'misfortune diagnose --origin deployment/shop/worker --mechanism config',
      [
        ['--origin <ref>', 'kind/namespace/name of the cause'],
        ['--mechanism <type>', 'type of failure; a wrong word lists them with what each is'],
      ],
    ),
    load: async () => (await import('../commands/declare.ts')).diagnose,
  },
  hint: {
    ...declaration('take the next hint', 'misfortune hint'),
    load: async () => (await import('../commands/declare.ts')).hint,
  },
  resolve: {
    ...declaration('claim that it is resolved', 'misfortune resolve'),
    load: async () => (await import('../commands/declare.ts')).resolve,
  },
} satisfies Record<string, CommandEntry>;

function declaration(about: string, example: string, own: CommandEntry['options'] = []): CommandEntry {
  return {
    about: `in a game: ${about}`,
    example,
    options: [nameOption, ['--json', 'as JSON'], ...own],
  };
}
