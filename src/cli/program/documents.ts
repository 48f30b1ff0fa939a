import { type CommandEntry, clusterOptions, nameOption, type Option, param, repeatable } from './command.ts';

const json: Option = ['--json', 'as JSON'];

/** Scenarios, playbooks, and games that were played. */
export const documents = {
  scenario: {
    about: 'list, write, check and try scenarios',
    example: 'misfortune scenario lint scenarios/haymaker.yaml',
    commands: {
      list: {
        about: 'list titles, tags and difficulty',
        options: [['--names', 'show the names too (they reveal what is broken)'], json],
        load: async () => (await import('../commands/documents.ts')).listScenarios,
      },
      new: {
        words: '[name]',
        about: 'write a first scenario and its playbook, with what is to be filled in; asks in a terminal',
        example:
          "misfortune scenario new slow-quotes --title 'Prices take seconds' --alert CheckoutLatencyHigh\n  $ misfortune scenario new night-traffic --title 'Slow at night' --fault load --alert CheckoutLatencyHigh --owner checkout",
        options: [
          ['--title <text>', 'the symptom, as the wheel says it'],
          ['--fault <type>', 'what is broken, a type of `scenario faults` (default: workload)'],
          ['--target <ref>', 'in which object customers feel it (default: deployment/shop/checkout)'],
          ['--alert <name>', 'the alert that ought to page'],
          ['--owner <team>', 'the team that is paged (default: checkout)'],
          ['--config <file>', 'misfortune.yaml; default: the nearest one upwards from here'],
          json,
        ],
        load: async () => (await import('../commands/new-scenario.ts')).newScenarioFiles,
      },
      lint: {
        words: '[files...]',
        about: 'check scenarios, playbooks and what they refer to',
        options: [json],
        load: async () => (await import('../commands/documents.ts')).lintFiles,
      },
      try: {
        words: '<name>',
        about: 'inject a scenario, watch what it does, restore: for its author',
        example: 'misfortune scenario try haymaker --param rate=100',
        options: [
          ...clusterOptions,
          ['--speed <n>', 'of the sandbox, if one is started for it (default: 10)'],
          ['--for <duration>', 'watch so long (default: until the expected alerts have fired)'],
          param,
          json,
        ],
        load: async () => (await import('../commands/try.ts')).tryScenario,
      },
      faults: {
        words: '[type]',
        about: 'list the fault types that a scenario can use',
        options: [json],
        load: async () => (await import('../commands/documents.ts')).faults,
      },
    },
  },
  playbook: {
    about: 'list, check and read playbooks',
    example: 'misfortune playbook show latency-without-a-deploy',
    commands: {
      list: {
        about: 'list titles and the alerts that they answer',
        options: [json],
        load: async () => (await import('../commands/documents.ts')).listPlaybooks,
      },
      lint: {
        words: '[files...]',
        about:
          'check playbooks: commands, alerts, dashboards, objects, conditions without a number, steps that cannot be done; and where the runbook links of alerts lead',
        example:
          'misfortune playbook lint\n  $ misfortune playbook lint imported.yaml --json\n  $ misfortune playbook lint --rules monitoring/rules --wiki https://wiki.example/runbooks=./runbooks',
        options: [
          [
            '--rules <path>',
            'rule file or folder whose alerts must link to a playbook or page (default: those of the shop); once each',
            repeatable,
          ],
          [
            '--wiki <url=folder>',
            'links that begin so lead to pages of Markdown in the folder; once each',
            repeatable,
          ],
          json,
        ],
        load: async () => (await import('../commands/playbook/lint.ts')).lintPlaybooks,
      },
      import: {
        words: '<file>',
        about: 'make a playbook of a runbook in Markdown, and say what of it could not be understood',
        example:
          'misfortune playbook import runbooks/KubePodCrashLooping.md --out playbooks/pods-crash.yaml\n  $ misfortune playbook import runbook.md --json',
        options: [
          ['--out <file>', 'write the playbook there; default: print it'],
          ['--json', 'print the playbook and what could not be understood as JSON'],
        ],
        load: async () => (await import('../commands/playbook/markdown.ts')).importFile,
      },
      render: {
        words: '<name>',
        about: 'print a playbook as Markdown: Meaning, Impact, Diagnosis, Mitigation; import reads it back',
        example:
          'misfortune playbook render latency-without-a-deploy --out runbooks/latency-without-a-deploy.md',
        options: [
          ['--out <file>', 'write the page there; default: print it'],
          ['--json', 'as JSON: name and page'],
        ],
        load: async () => (await import('../commands/playbook/markdown.ts')).renderNamed,
      },
      show: {
        words: '<name>',
        about: 'show the steps; in a game, filled in from the labels of the firing alert',
        options: [
          [nameOption[0], 'in a game: your name in the log', nameOption[2]],
          ['--with <role=value>', 'bind a role; once a role', repeatable],
          json,
        ],
        load: async () => (await import('../commands/documents.ts')).showPlaybook,
      },
    },
  },
  report: {
    words: '[game]',
    about:
      'make scorecard and report of a game (default: the last one) again from its folder (Markdown, JSON, one HTML page)',
    example: 'misfortune report last --out ./review\nmisfortune report last --postmortem > postmortem.md',
    options: [
      ['--out <folder>', 'where to write; default: the folder of the game'],
      ['--json', 'print the scorecard as JSON instead'],
      ['--markdown', 'print the report as Markdown instead'],
      ['--postmortem', 'print a postmortem as Markdown instead, a draft to be completed'],
      ['--actions <form>', 'print the action items instead: md, csv or json'],
      [
        '--rules <path>',
        'a rule file of yours, or a folder of them: fixes are diffs against them, for git apply',
      ],
    ],
    load: async () => (await import('../commands/report.ts')).report,
  },
  games: {
    about: 'list past games, or export one',
    example: 'misfortune games --json\n  $ misfortune games export last --promtool tests',
    options: [json],
    load: async () => (await import('../commands/games/games.ts')).games,
    commands: {
      compare: {
        words: '[games...]',
        about:
          'put games of one scenario beside each other: what alerts, dashboards and playbook did then and now',
        example:
          'misfortune games compare 2026-03-02-1400 last\n  $ misfortune games compare --scenario haymaker --markdown > haymaker.md',
        options: [
          ['--scenario <name>', 'all games of this scenario that were played'],
          json,
          ['--markdown', 'print as Markdown instead'],
        ],
        load: async () => (await import('../commands/games/compare.ts')).compare,
      },
      export: {
        words: '<game>',
        about: 'write a game as a test of its expected alerts that other tools run',
        example: 'misfortune games export last --promtool tests',
        options: [['--promtool <folder>', 'write files for `promtool test rules` there'], json],
        load: async () => (await import('../commands/games/export.ts')).exportGame,
      },
      evidence: {
        words: '[folder]',
        about:
          'what many games say of playbooks and alerts: steps that most skip, what helped and is in no step, what was never drilled (Markdown)',
        example:
          'misfortune games evidence > evidence.md\n  $ misfortune games evidence ./recorded-games --json',
        options: [json],
        load: async () => (await import('../commands/games/evidence.ts')).gamesEvidence,
      },
      metrics: {
        words: '[folder]',
        about:
          'games as metrics for Prometheus: how many, and of the last one of each scenario its times, scores, expected alerts and findings',
        example:
          'misfortune games metrics > misfortune.prom\n  $ misfortune games metrics --push http://pushgateway.example:9091',
        options: [
          ['--push <url>', 'send them to this Pushgateway instead of printing them, as job misfortune'],
        ],
        load: async () => (await import('../commands/games/metrics.ts')).gamesMetrics,
      },
    },
  },
} satisfies Record<string, CommandEntry>;
