import { Exit, Jump } from './control.ts';
import { expandText, expandWords } from './expand.ts';
import { matchPattern } from './pattern.ts';
import type { RunningShell } from './running.ts';
import type { ShellIo } from './streams.ts';
import type { Command, Script } from './syntax.ts';

type Compound = Exclude<Command, { kind: 'simple' }>;

/** Runs what is made of other commands: groups, conditions, loops. */
export async function runCompound(shell: RunningShell, command: Compound, io: ShellIo): Promise<void> {
  const { state } = shell;
  switch (command.kind) {
    case 'group':
      return command.subshell ? runSubshell(shell, command.body, io) : shell.runScript(command.body, io);
    case 'if': {
      for (const { condition, body } of command.branches) {
        if (await shell.holds(condition, io)) return shell.runScript(body, io);
      }
      state.status = 0;
      return command.otherwise && shell.runScript(command.otherwise, io);
    }
    case 'loop': {
      let status = 0;
      while ((await shell.holds(command.condition, io)) !== command.until) {
        state.status = 0;
        const go = await loopBody(shell, command.body, io);
        status = state.status;
        if (!go) break;
      }
      state.status = status;
      return;
    }
    case 'for': {
      const words = command.words ? await expandWords(command.words, shell.expansion(io)) : state.parameters;
      state.status = 0;
      for (const word of words) {
        shell.assign(command.name, word);
        if (!(await loopBody(shell, command.body, io))) break;
      }
      return;
    }
    case 'case': {
      const subject = await expandText(command.subject, shell.expansion(io));
      state.status = 0;
      for (const { patterns, body } of command.branches) {
        for (const pattern of patterns) {
          if (matchPattern(await expandText(pattern, shell.expansion(io)), subject))
            return shell.runScript(body, io);
        }
      }
    }
  }
}

async function runSubshell(outer: RunningShell, body: Script, io: ShellIo): Promise<void> {
  const shell = outer.subshell();
  try {
    await shell.runScript(body, io);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    shell.state.status = error.code;
  }
  outer.state.status = shell.state.status;
}

/** False when the loop is to be left. */
async function loopBody(shell: RunningShell, body: Script, io: ShellIo): Promise<boolean> {
  try {
    await shell.runScript(body, io);
    return true;
  } catch (error) {
    if (!(error instanceof Jump)) throw error;
    if (error.levels > 1) throw new Jump(error.kind, error.levels - 1);
    return error.kind === 'continue';
  }
}
