import { type CommandEntry, clusterOptions, deploymentOptions, type Option, repeatable } from './command.ts';

const shopOptions: readonly Option[] = [
  ['--image <image>', 'image with Node for every container; default: node:20-slim'],
  [
    '--pull-secret <name>',
    'a Secret in shop and batch with which the image is pulled; once a Secret',
    repeatable,
  ],
  [
    '--limits <deployment=limits>',
    'limits and requests: checkout=cpu=250m,memory=192Mi; once a deployment',
    repeatable,
  ],
  [
    '--without <part>',
    'leave a part out: database (it needs postgres:16-alpine and a StorageClass)',
    repeatable,
  ],
];

/** What is set up in a cluster, and the cluster that comes along. */
export const clusters = {
  guardian: {
    about: 'in the cluster: restores what a game left when nobody else does',
    example: 'misfortune guardian install --cluster staging --print | kubectl apply -f -',
    commands: {
      install: {
        words: '[scenarios...]',
        about: 'install it once, with the permissions to undo these scenarios; default: all of them',
        options: [
          ...clusterOptions,
          ['--print', 'print the manifests; change nothing'],
          ['--json', 'print the result as JSON'],
        ],
        load: async () => (await import('../commands/guardian.ts')).install,
      },
      uninstall: {
        about: 'remove it and its permissions',
        options: [...clusterOptions, ['--json', 'print the result as JSON']],
        load: async () => (await import('../commands/guardian.ts')).uninstall,
      },
      status: {
        about: 'list the guardians and the games whose ledger is in the cluster',
        options: [...clusterOptions, ['--json', 'print it as JSON']],
        load: async () => (await import('../commands/guardian.ts')).status,
      },
    },
  },
  sandbox: {
    about: 'the embedded staging cluster',
    example: 'misfortune sandbox start && export KUBECONFIG=$(misfortune sandbox kubeconfig)',
    commands: {
      start: {
        about: 'start it and leave it running',
        options: [
          ['--speed <factor>', 'divide the durations of rules, intervals and waits by this', '1'],
          [
            '--rules <file...>',
            'Prometheus rule files instead of those of the shop (misfortune stack rules)',
          ],
          ['--idle <minutes>', 'stop it after so many minutes without a request, or never (default: 30)'],
          ['--json', 'as JSON'],
        ],
        load: async () => (await import('../commands/sandbox.ts')).start,
      },
      stop: {
        about: 'stop it; everything in it is deleted',
        load: async () => (await import('../commands/sandbox.ts')).stop,
      },
      status: {
        about: 'show where it is',
        options: [['--json', 'as JSON']],
        load: async () => (await import('../commands/sandbox.ts')).status,
      },
      kubeconfig: {
        about: 'print the path of its kubeconfig',
        options: [['--responder', 'the one without access to the control plane']],
        load: async () => (await import('../commands/sandbox.ts')).kubeconfig,
      },
    },
  },
  stack: {
    about: 'the shop for a cluster of your own (docs/real-cluster.md)',
    example: 'misfortune stack deploy shop --context staging-eks --pull-secret registry',
    commands: {
      print: {
        about: 'print all its objects as YAML',
        options: shopOptions,
        load: async () => (await import('../commands/stack.ts')).printManifests,
      },
      deploy: {
        words: '<name>',
        about:
          'deploy it to a cluster (`shop`) and wait until it is available; running it again changes nothing',
        options: [...deploymentOptions, ...shopOptions, ['--no-wait', 'do not wait until it is available']],
        load: async () => (await import('../commands/stack-deploy.ts')).deploy,
      },
      remove: {
        words: '<name>',
        about: 'remove it and the namespaces that were made for it',
        options: deploymentOptions,
        load: async () => (await import('../commands/stack-deploy.ts')).remove,
      },
      rules: {
        about: 'print its recording and alerting rules for Prometheus',
        load: async () => (await import('../commands/stack.ts')).printRules,
      },
      'scrape-config': {
        about: 'print a scrape job with the labels that the rules need',
        load: async () => (await import('../commands/stack.ts')).printScrapeConfig,
      },
    },
  },
} satisfies Record<string, CommandEntry>;
