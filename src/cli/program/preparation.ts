import { type CommandEntry, clusterOptions, repeatable } from './command.ts';

/** What comes before a first game. */
export const preparation = {
  doctor: {
    about: 'check what a game needs, and say how to fix what is missing',
    example: 'misfortune doctor --cluster staging',
    options: [...clusterOptions, ['--json', 'print the findings as JSON']],
    load: async () => (await import('../commands/doctor.ts')).doctor,
  },
  announce: {
    about: "test the announcement that each game sends to the cluster's channel; no game is started",
    example: 'misfortune announce --cluster staging --dry-run',
    options: [
      ...clusterOptions,
      ['--dry-run', 'show the message and the host; send nothing'],
      ['--json', 'print the result as JSON'],
    ],
    load: async () => (await import('../commands/announce.ts')).announce,
  },
  scan: {
    about:
      'list your services with the alerts and panels that cover them, and draft a scenario and a playbook',
    example:
      'misfortune scan --context staging-eks --namespace shop --prometheus monitoring/prometheus-operated:9090 --write game-days',
    options: [
      ['--cluster <name>', 'a cluster of misfortune.yaml, instead of the following'],
      ['--config <file>', 'misfortune.yaml; default: the nearest one upwards from here'],
      ['--context <name>', 'context of the kubeconfig'],
      ['--kubeconfig <file>', "default: kubectl's"],
      ['--namespace <name>', 'a namespace to look at; once a namespace', repeatable],
      ['--prometheus <where>', 'a URL, or namespace/name:port of a service of the cluster'],
      ['--alertmanager <where>', 'as --prometheus'],
      ['--grafana <where>', 'as --prometheus'],
      ['--service <namespace/name>', 'the service to write for; default: the one with the likeliest alert'],
      ['--path <path>', 'the path that the load requests; default: that of the readiness probe'],
      ['--write <folder>', 'write misfortune.yaml, a scenario and a playbook there'],
      ['--json', 'print what was found as JSON'],
    ],
    load: async () => (await import('../commands/scan.ts')).scan,
  },
  rbac: {
    words: '[scenarios...]',
    about: 'print least-privilege RBAC for playing scenarios',
    example:
      'misfortune rbac haymaker --cluster staging --group game-masters | kubectl apply -f -\n  $ misfortune rbac --responders --cluster staging --group oncall | kubectl apply -f -',
    options: [
      ...clusterOptions,
      ['--user <name>', 'grant the permissions to a user'],
      ['--group <name>', 'grant the permissions to a group'],
      ['--serviceaccount <namespace:name>', 'grant the permissions to a ServiceAccount'],
      ['--open', 'include the permissions to let responders on other machines join (play --open)'],
      ['--responders', 'print the permissions of those responders instead of those of the game master'],
      ['--name <name>', 'name of the Roles and their bindings; default: game-days, game-day-responders'],
      ['--json', 'print a List as JSON'],
    ],
    load: async () => (await import('../commands/rbac.ts')).rbac,
  },
} satisfies Record<string, CommandEntry>;
