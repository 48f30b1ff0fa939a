import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { shellWord } from '../words/escape.ts';

export interface ShellOptions {
  /** A private folder: start-up files and the commands `misfortune` and `kubectl-misfortune` go there. */
  folder: string;
  /** The recorder's environment: KUBECONFIG, PROMETHEUS_URL … */
  env: Record<string, string>;
  /** How to run our own command line: node and its arguments. */
  launch: string[];
  /** Said in the prompt; names the cluster, never the scenario. */
  prompt: string;
  /** The environment that the shell inherits. */
  inherited: NodeJS.ProcessEnv;
}

export interface ShellCommand {
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
}

/**
 * The responder's own shell ($SHELL; sh where that is unknown) with their own start-up files, and after these the
 * recorder's environment: nothing that a profile sets can take kubectl past the recorder.
 */
export function responderShell(options: ShellOptions): ShellCommand {
  const { folder, launch, prompt, inherited } = options;
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true, mode: 0o700 });
  for (const name of ['misfortune', 'kubectl-misfortune']) {
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\nexec ${launch.map(shellWord).join(' ')} "$@"\n`);
    chmodSync(file, 0o700);
  }
  const after = [shellExports(options.env).trimEnd(), `export PATH=${shellWord(bin)}:"$PATH"`];
  const env = { ...inherited, ...options.env, PATH: `${bin}:${inherited.PATH ?? ''}` };
  const shell = inherited.SHELL ?? '/bin/sh';
  switch (basename(shell)) {
    case 'bash': {
      const rc = join(folder, 'bashrc');
      const lines = [
        '[ -f ~/.bashrc ] && . ~/.bashrc',
        ...after,
        `PS1='\\[\\e[33m\\](${prompt})\\[\\e[0m\\] \\w \\$ '`,
      ];
      writeFileSync(rc, `${lines.join('\n')}\n`, { mode: 0o600 });
      return { command: shell, args: ['--rcfile', rc, '-i'], env };
    }
    case 'zsh': {
      const lines = [
        '[ -f ~/.zshrc ] && ZDOTDIR=~ . ~/.zshrc',
        ...after,
        `PROMPT='%F{yellow}(${prompt})%f %~ %# '`,
      ];
      writeFileSync(join(folder, '.zshrc'), `${lines.join('\n')}\n`, { mode: 0o600 });
      return { command: shell, args: ['-i'], env: { ...env, ZDOTDIR: folder } };
    }
    default: {
      const rc = join(folder, 'shrc');
      writeFileSync(rc, `${[...after, `PS1='(${prompt}) $ '`].join('\n')}\n`, { mode: 0o600 });
      return { command: '/bin/sh', args: ['-i'], env: { ...env, ENV: rc } };
    }
  }
}

/** Lines that every POSIX shell takes, whatever is in the values (NUL apart, which no environment can hold). */
export function shellExports(env: Record<string, string>): string {
  return Object.entries(env)
    .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
    .join('');
}
