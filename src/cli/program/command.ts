/** A command as data: what --help says of it, and the code that it runs. */
export interface CommandEntry {
  /** Its words: `<name>` must be there, `[name]` may be, `...` takes several. */
  words?: string;
  about: string;
  /** One or more lines that --help shows. */
  example?: string;
  options?: readonly Option[];
  /** Loads what is run with the words and the options: only then, as most commands need little of the program. */
  load?: () => Promise<(...given: never[]) => void | Promise<void>>;
  /** Commands of its own, by name. */
  commands?: Record<string, CommandEntry>;
}

/** Flags, what they are for, and a default or that the option may be there several times. */
export type Option = readonly [flags: string, about: string, more?: string | typeof repeatable];

/**
 * Gathers an option that may be there several times. commander's own `<name...>` takes every word up to the next option:
 * `--param rate=100 haymaker` would swallow the scenario.
 */
export function repeatable(value: string, before: string[] = []): string[] {
  return [...before, value];
}

const config: Option = ['--config <file>', 'misfortune.yaml; default: the nearest one upwards from here'];

/** Options of commands that touch a cluster. */
export const clusterOptions: readonly Option[] = [
  ['--cluster <name>', 'a cluster of misfortune.yaml; default: the sandbox'],
  config,
];

/** Of commands that set up a cluster before it is in misfortune.yaml, too. */
export const deploymentOptions: readonly Option[] = [
  ['--context <name>', 'context of the kubeconfig; or --cluster'],
  ['--kubeconfig <file>', "with --context: another kubeconfig than kubectl's"],
  ['--cluster <name>', 'a cluster of misfortune.yaml'],
  config,
  ['--dry-run', 'ask the API server, change nothing'],
  ['--timeout <duration>', 'how long to wait', '5m'],
  ['--json', 'print the result as JSON'],
];

/** Of commands that play a scenario. */
export const param: Option = [
  '--param <name=value>',
  'override a param of the scenario; once a param',
  repeatable,
];

/** Of commands that speak to a game. */
export const nameOption: Option = [
  '--as <name>',
  'your name in the log',
  process.env.MISFORTUNE_WHO ?? 'responder',
];
