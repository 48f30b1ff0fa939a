import { Command } from 'commander';
import type { CommandName } from '../../command-names.ts';
import { packageVersion } from '../../paths.ts';
import { backtests } from './backtests.ts';
import { clusters } from './clusters.ts';
import type { CommandEntry } from './command.ts';
import { documents } from './documents.ts';
import { games } from './games.ts';
import { preparation } from './preparation.ts';
import { declarations, responders } from './responders.ts';

/** In the order of --help. */
const commands: Record<CommandName, CommandEntry> = {
  ...games,
  ...preparation,
  ...responders,
  ...documents,
  ...backtests,
  ...clusters,
  ...declarations,
};

const epilog = `
Examples:
  $ misfortune play                        spin the wheel on the sandbox
  $ misfortune join                        a recorded shell for the running game, in a second terminal
  $ misfortune validate haymaker           prove a scenario, its playbook, its alerts

Exit codes: 0 ok · 1 a check failed · 2 wrong usage or an invalid file · 3 refused, nothing was changed ·
4 a cluster or Prometheus does not answer · 5 changes are left in the cluster (misfortune recover) ·
70 a defect of this program · 130 interrupted

State is stored in $MISFORTUNE_HOME, else $XDG_STATE_HOME/misfortune, else ~/.local/state/misfortune.
NO_COLOR is honoured; without a terminal, plain lines are printed.`;

/** Every command with its options and examples. The code behind a command is loaded when it is run. */
export function makeProgram(): Command {
  const program = new Command('misfortune')
    .description(
      'Game days on a staging Kubernetes cluster: break it, respond to it, and grade the alerts, dashboards and playbooks.',
    )
    .version(packageVersion())
    .addHelpText('after', epilog)
    .showHelpAfterError('(--help shows how)')
    // Options before the name of a command are those of its parent, options behind it its own: both may be called --json.
    .enablePositionalOptions()
    .exitOverride();
  for (const [name, entry] of Object.entries(commands)) add(program, name, entry);
  return program;
}

function add(parent: Command, name: string, entry: CommandEntry): void {
  const { words = '', about, example, options = [], load } = entry;
  const command = parent.command(`${name} ${words}`.trim()).description(about);
  if (example !== undefined) command.addHelpText('after', `\nExample:\n  $ ${example}`);
  for (const [flags, text, more] of options) {
    if (typeof more === 'function') command.option(flags, text, more);
    else command.option(flags, text, more);
  }
  // commander checks that words and options are as the entry says; that the code takes these is not seen by TypeScript.
  if (load) command.action(async (...given) => (await load())(...(given.slice(0, -1) as never[])));
  command.enablePositionalOptions();
  for (const [own, one] of Object.entries(entry.commands ?? {})) add(command, own, one);
}
