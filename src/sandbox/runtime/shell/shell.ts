import { FileProblem } from '../files.ts';
import { Stopped, type ToolHost } from '../tools/tool.ts';
import { runCompound } from './compound.ts';
import { Exit, OutOfMemory } from './control.ts';
import { execute, MAX_FORKS } from './execute.ts';
import { type ExpansionHost, ExpansionProblem, expandText, expandWords } from './expand.ts';
import { expandGlob } from './glob.ts';
import { parseScript } from './parse.ts';
import { openRedirects } from './redirects.ts';
import type { RunningShell } from './running.ts';
import { childState, newState, type ShellState } from './state.ts';
import { BrokenPipe, Collector, LineReader, nothing, Pipe, type ShellIo, write } from './streams.ts';
import { type AndOr, type Command, type Pipeline, type Script, SyntaxProblem } from './syntax.ts';

const DEFAULT_MEMORY = 64 * 2 ** 20;
/** A loop without any wait gives way to the rest of the sandbox after this many commands. */
const COMMANDS_PER_TURN = 64;
const REST_MS = 4;
const MAX_DEPTH = 50;

/** Runs scripts in a container: a small sh whose commands are the sandbox's own tools, never host programs. */
export class Shell implements RunningShell {
  private commands = 0;
  /** How many conditions it is in. */
  private testing = 0;
  /** The exit code of the last command that was substituted. */
  private substituted: number | undefined;

  constructor(
    readonly host: ToolHost,
    readonly state: ShellState,
    readonly signal: AbortSignal,
    readonly memoryBytes: number = DEFAULT_MEMORY,
    private depth = 0,
  ) {}

  /** Runs a text as a part of this shell. */
  async evaluate(text: string, io: ShellIo): Promise<number> {
    if (this.depth >= MAX_DEPTH) throw new SyntaxProblem('nested too deeply');
    this.depth++;
    try {
      await this.runScript(parseScript(text), io);
    } finally {
      this.depth--;
    }
    return this.state.status;
  }

  /** Runs a whole script; resolves to its exit code. Stopped and OutOfMemory pass through. */
  async run(text: string, io: ShellIo): Promise<number> {
    const whole: ShellIo = { ...io, stdin: new LineReader(io.stdin) };
    try {
      await this.runScript(parseScript(text), whole);
      return await this.exitTrap(whole, this.state.status);
    } catch (error) {
      if (error instanceof Exit) return this.exitTrap(whole, error.code);
      if (error instanceof SyntaxProblem) {
        write(io.stderr, `${this.state.name}: ${error.message}\n`);
        return 2;
      }
      if (error instanceof ExpansionProblem) {
        write(io.stderr, `${this.state.name}: ${error.message}\n`);
        return 2;
      }
      if (error instanceof BrokenPipe) return 141;
      throw error;
    }
  }

  async runScript(script: Script, io: ShellIo): Promise<void> {
    for (const item of script) {
      if (!item.background) await this.runAndOr(item, io);
      else this.runInBackground(item, io);
    }
  }

  /** Background jobs end with the shell that started them. */
  private runInBackground(item: AndOr, io: ShellIo): void {
    if (this.host.forks.running >= MAX_FORKS) {
      write(io.stderr, `${this.state.name}: can't fork: Resource temporarily unavailable\n`);
      this.state.status = 2;
      return;
    }
    this.host.forks.running++;
    this.state.status = 0;
    void this.subshell()
      .runScript([{ ...item, background: false }], { ...io, stdin: nothing() })
      .catch(() => undefined)
      .finally(() => this.host.forks.running--);
  }

  /** Its own copy of everything that a child process would inherit. */
  subshell(): Shell {
    if (this.depth >= MAX_DEPTH) throw new SyntaxProblem('nested too deeply');
    return new Shell(this.host, childState(this.state), this.signal, this.memoryBytes, this.depth + 1);
  }

  execute(name: string, args: string[], extra: Record<string, string>, io: ShellIo): Promise<number> {
    return execute(this, name, args, extra, io);
  }

  child(args: string[], env: Record<string, string>, io: ShellIo): Promise<number> {
    return runShell(this.host, args, env, this.state.cwd, io, this.signal, this.memoryBytes);
  }

  assign(name: string, value: string): void {
    this.state.variables.set(name, value);
    // What a variable needs while it grows: the old text, the new one and the copy being made.
    if (value.length * 2 > this.memoryBytes) throw new OutOfMemory();
  }

  environment(): Record<string, string> {
    const { exported, variables } = this.state;
    return Object.fromEntries(
      [...exported].filter((name) => variables.has(name)).map((name) => [name, variables.get(name)!]),
    );
  }

  private async exitTrap(io: ShellIo, code: number): Promise<number> {
    const action = this.state.traps.get('EXIT');
    this.state.traps.delete('EXIT');
    if (action) await this.run(action, io);
    return code;
  }

  private async runAndOr(item: AndOr, io: ShellIo): Promise<void> {
    await this.runPipeline(item.first, io);
    let last = item.first;
    for (const { operator, pipeline } of item.rest) {
      if ((this.state.status === 0) !== (operator === '&&')) continue;
      await this.runPipeline(pipeline, io);
      last = pipeline;
    }
    const tested = last !== (item.rest.at(-1)?.pipeline ?? item.first) || last.negated;
    if (this.state.exitOnError && this.state.status !== 0 && !tested && !this.testing)
      throw new Exit(this.state.status);
  }

  /** Whether the condition of an if or a loop holds: a failure in it is an answer. */
  async holds(script: Script, io: ShellIo): Promise<boolean> {
    this.testing++;
    try {
      await this.runScript(script, io);
    } finally {
      this.testing--;
    }
    return this.state.status === 0;
  }

  private async runPipeline({ commands, negated }: Pipeline, io: ShellIo): Promise<void> {
    if (commands.length === 1) await this.runCommand(commands[0]!, io);
    else {
      const pipes = commands.slice(1).map(() => new Pipe());
      const codes = await Promise.all(
        commands.map(async (command, index) => {
          const shell = this.subshell();
          const input = pipes[index - 1];
          const output = pipes[index];
          try {
            await shell.runCommand(command, { ...io, stdin: input ?? io.stdin, stdout: output ?? io.stdout });
            return shell.state.status;
          } catch (error) {
            if (error instanceof Exit) return error.code;
            if (error instanceof BrokenPipe) return 141;
            throw error;
          } finally {
            output?.end();
            input?.close();
          }
        }),
      );
      this.state.status = codes.at(-1)!;
    }
    if (negated) this.state.status = this.state.status === 0 ? 1 : 0;
  }

  private async runCommand(command: Command, outer: ShellIo): Promise<void> {
    await this.giveWay();
    let opened: Awaited<ReturnType<typeof openRedirects>>;
    try {
      opened = await openRedirects(command.redirects, outer, this.expansion(outer), this);
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      write(outer.stderr, `${this.state.name}: ${error.message}\n`);
      this.state.status = 1;
      return;
    }
    if (command.kind === 'simple') await this.runSimple(command, opened);
    else await runCompound(this, command, opened);
  }

  private async runSimple(command: Extract<Command, { kind: 'simple' }>, io: ShellIo): Promise<void> {
    const expansion = this.expansion(io);
    this.substituted = undefined;
    const words = await expandWords(command.words, expansion);
    const assigned: [string, string][] = [];
    for (const { name, value } of command.assignments)
      assigned.push([name, await expandText(value, expansion)]);
    const [name, ...args] = words;
    if (this.state.trace && name) write(io.stderr, `+ ${words.join(' ')}\n`);
    if (name === undefined) {
      for (const [key, value] of assigned) this.assign(key, value);
      // The exit code of the last command that was substituted, if there was one.
      this.state.status = this.substituted ?? 0;
      return;
    }
    this.state.status = await this.execute(name, args, Object.fromEntries(assigned), io);
  }

  /** What words are expanded with. */
  expansion(io: ShellIo): ExpansionHost {
    const { state } = this;
    return {
      variable: (name) => {
        if (name === '?') return String(state.status);
        if (name === '#') return String(state.parameters.length);
        if (name === '$') return '1';
        if (name === '!' || name === '-') return '';
        if (name === '0') return state.name;
        if (name === '@' || name === '*') return state.parameters.join(' ');
        if (/^\d+$/.test(name)) return state.parameters[Number(name) - 1];
        return state.variables.get(name);
      },
      assign: (name, value) => this.assign(name, value),
      parameters: () => state.parameters,
      capture: async (script) => {
        const output = new Collector();
        const shell = this.subshell();
        try {
          await shell.runScript(script, { ...io, stdout: output });
        } catch (error) {
          if (!(error instanceof Exit)) throw error;
          shell.state.status = error.code;
        }
        this.substituted = shell.state.status;
        return output.text();
      },
      glob: (pattern) => expandGlob(pattern, state.cwd, this.host.files),
    };
  }

  private async giveWay(): Promise<void> {
    if (this.signal.aborted) throw new Stopped();
    if (++this.commands % COMMANDS_PER_TURN !== 0) return;
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    if (this.signal.aborted) throw new Stopped();
  }
}

/** A new shell process: `sh -c script name args…`, `sh file args…`, or a script on its standard input. */
export async function runShell(
  host: ToolHost,
  args: string[],
  env: Record<string, string>,
  cwd: string,
  io: ShellIo,
  signal: AbortSignal,
  memoryBytes?: number,
  started?: (shell: Shell) => void,
): Promise<number> {
  const state = newState(env, cwd);
  const shell = new Shell(host, state, signal, memoryBytes);
  started?.(shell);
  const words = [...args];
  let inline = false;
  while (words[0]?.startsWith('-') && words[0].length > 1) {
    const letters = words.shift()!.slice(1);
    inline ||= letters.includes('c');
    state.exitOnError ||= letters.includes('e');
    state.trace ||= letters.includes('x');
  }
  if (inline) {
    const script = words.shift() ?? '';
    state.name = words.shift() ?? 'sh';
    state.parameters = words;
    return shell.run(script, io);
  }
  const file = words.shift();
  if (file !== undefined) {
    state.name = file;
    state.parameters = words;
    try {
      return await shell.run(host.files.read(host.files.resolve(cwd, file)).toString('utf8'), io);
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      write(io.stderr, `sh: can't open '${file}': ${error.message}\n`);
      return 2;
    }
  }
  const input = new LineReader(io.stdin);
  const rest: ShellIo = { ...io, stdin: input };
  for (let line = await input.line(); line !== undefined; line = await input.line()) {
    try {
      await shell.runScript(parseScript(line), rest);
    } catch (error) {
      if (error instanceof Exit) return error.code;
      if (!(error instanceof SyntaxProblem)) throw error;
      write(io.stderr, `sh: ${error.message}\n`);
      return 2;
    }
  }
  return state.status;
}
