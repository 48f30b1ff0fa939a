import { FileProblem } from '../files.ts';
import { findTool, SHELLS, toolName } from '../tools/index.ts';
import { Stopped, type ToolCall, type ToolHost } from '../tools/tool.ts';
import { builtins } from './builtins.ts';
import { type ExpansionHost, ExpansionProblem, expandText, expandWords } from './expand.ts';
import { expandGlob } from './glob.ts';
import { parseScript } from './parse.ts';
import { matchPattern } from './pattern.ts';
import { openRedirects } from './redirects.ts';
import { runShell } from './start-shell.ts';
import { BrokenPipe, Collector, LineReader, nothing, Pipe, type Sink, type Source } from './streams.ts';
import { type AndOr, type Command, type Pipeline, type Script, SyntaxProblem } from './syntax.ts';

export interface ShellIo {
  stdin: Source;
  stdout: Sink;
  stderr: Sink;
}

export class Exit extends Error {
  constructor(readonly code: number) {
    super();
  }
}

/** `break` and `continue`, with how many loops are left to leave. */
export class Jump extends Error {
  constructor(
    readonly kind: 'break' | 'continue',
    readonly levels: number,
  ) {
    super();
  }
}

/** The variables of a container take more memory than it may. */
export class OutOfMemory extends Error {}

/** What one shell process shares with its subshells: nothing is copied that they cannot change. */
export interface ShellState {
  variables: Map<string, string>;
  exported: Set<string>;
  parameters: string[];
  cwd: string;
  status: number;
  name: string;
  traps: Map<string, string>;
  exitOnError: boolean;
  trace: boolean;
}

const DEFAULT_MEMORY = 64 * 2 ** 20;
/** A loop without any wait gives way to the rest of the sandbox after this many commands. */
const COMMANDS_PER_TURN = 64;
const REST_MS = 4;
/** Enough for a script, too few for a fork bomb. */
const MAX_FORKS = 32;
const MAX_DEPTH = 50;

/** Runs scripts in a container: a small sh whose commands are the sandbox's own tools, never host programs. */
export class Shell {
  private commands = 0;

  constructor(
    readonly host: ToolHost,
    readonly state: ShellState,
    readonly signal: AbortSignal,
    private readonly memoryBytes: number = DEFAULT_MEMORY,
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
    const { variables, exported, parameters } = this.state;
    const copy = {
      ...this.state,
      variables: new Map(variables),
      exported: new Set(exported),
      parameters: [...parameters],
      traps: new Map(),
    };
    return new Shell(this.host, copy, this.signal, this.memoryBytes, this.depth + 1);
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

  /** In the condition of an if or a loop, where a failure is an answer. */
  private testing = 0;

  private async condition(script: Script, io: ShellIo): Promise<boolean> {
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
    await this.runOpened(command, opened);
  }

  private async runOpened(command: Command, io: ShellIo): Promise<void> {
    switch (command.kind) {
      case 'simple':
        return this.runSimple(command, io);
      case 'group': {
        if (!command.subshell) return this.runScript(command.body, io);
        const shell = this.subshell();
        try {
          await shell.runScript(command.body, io);
        } catch (error) {
          if (!(error instanceof Exit)) throw error;
          shell.state.status = error.code;
        }
        this.state.status = shell.state.status;
        return;
      }
      case 'if': {
        for (const { condition, body } of command.branches) {
          if (await this.condition(condition, io)) return this.runScript(body, io);
        }
        this.state.status = 0;
        return command.otherwise && this.runScript(command.otherwise, io);
      }
      case 'loop': {
        let status = 0;
        while ((await this.condition(command.condition, io)) !== command.until) {
          this.state.status = 0;
          const go = await this.loopBody(command.body, io);
          status = this.state.status;
          if (!go) break;
        }
        this.state.status = status;
        return;
      }
      case 'for': {
        const words = command.words
          ? await expandWords(command.words, this.expansion(io))
          : this.state.parameters;
        this.state.status = 0;
        for (const word of words) {
          this.assign(command.name, word);
          if (!(await this.loopBody(command.body, io))) break;
        }
        return;
      }
      case 'case': {
        const subject = await expandText(command.subject, this.expansion(io));
        this.state.status = 0;
        for (const { patterns, body } of command.branches) {
          for (const pattern of patterns) {
            if (matchPattern(await expandText(pattern, this.expansion(io)), subject))
              return this.runScript(body, io);
          }
        }
      }
    }
  }

  /** False when the loop is to be left. */
  private async loopBody(body: Script, io: ShellIo): Promise<boolean> {
    try {
      await this.runScript(body, io);
      return true;
    } catch (error) {
      if (!(error instanceof Jump)) throw error;
      if (error.levels > 1) throw new Jump(error.kind, error.levels - 1);
      return error.kind === 'continue';
    }
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

  /** Runs one command by its name; 127 if there is none. */
  async execute(name: string, args: string[], extra: Record<string, string>, io: ShellIo): Promise<number> {
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
    if (builtin) return builtin(this, args, io);
    const env = { ...this.environment(), ...extra };
    const plain = toolName(name);
    if (plain !== undefined && SHELLS.has(plain)) return this.childShell(args, env, io);
    if (plain === 'env' && args.length > 0) return this.runEnv(args, env, io);
    const tool = findTool(name);
    if (!tool) {
      write(io.stderr, `${this.state.name}: ${name}: not found\n`);
      return 127;
    }
    return tool(this.call(args, env, io));
  }

  private async childShell(args: string[], env: Record<string, string>, io: ShellIo): Promise<number> {
    const { forks } = this.host;
    if (forks.running >= MAX_FORKS) {
      write(io.stderr, `${this.state.name}: can't fork: Resource temporarily unavailable\n`);
      return 2;
    }
    forks.running++;
    try {
      return await runShell(this.host, args, env, this.state.cwd, io, this.signal, this.memoryBytes);
    } finally {
      forks.running--;
    }
  }

  private runEnv(args: string[], env: Record<string, string>, io: ShellIo): Promise<number> | number {
    const rest = [...args];
    const changed = { ...env };
    while (rest[0]?.includes('=')) {
      const [key = '', ...value] = rest.shift()!.split('=');
      changed[key] = value.join('=');
    }
    if (rest.length > 0) return this.execute(rest[0]!, rest.slice(1), changed, io);
    return findTool('env')!(this.call([], changed, io));
  }

  private call(args: string[], env: Record<string, string>, io: ShellIo): ToolCall {
    const print = (text: string): void => write(io.stdout, text);
    const complain = (text: string): void => write(io.stderr, text);
    return { args, env, cwd: this.state.cwd, ...io, signal: this.signal, host: this.host, print, complain };
  }

  private substituted: number | undefined;

  private expansion(io: ShellIo): ExpansionHost {
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

export function write(sink: Sink, text: string): void {
  sink.write(Buffer.from(text));
}
