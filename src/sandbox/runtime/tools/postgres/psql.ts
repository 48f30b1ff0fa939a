import { Stopped, type ToolCall } from '../tool.ts';
import { type DatabaseError, type Rows, Session } from './client.ts';
import { metaQuery } from './meta.ts';
import { type PsqlOptions, psqlOptions, UsageError } from './options.ts';
import { printed } from './print.ts';
import { Statements } from './statements.ts';

/** `psql` as scripts and people in a pod use it: `-c`, `-f`, statements that are typed in, a few commands with a backslash. */
export async function psql(call: ToolCall): Promise<number> {
  let options: PsqlOptions;
  try {
    options = psqlOptions(call);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    call.complain(`psql: ${error.message}\npsql: hint: Try "psql --help" for more information.\n`);
    return 1;
  }
  if (options.version) {
    call.print('psql (PostgreSQL) 18\n');
    return 0;
  }
  let session: Session;
  try {
    session = await Session.open(call, options);
  } catch (error) {
    if (call.signal.aborted) throw new Stopped();
    call.complain(`psql: error: ${(error as Error).message}\n`);
    return 2;
  }
  try {
    return await new Psql(call, options, session).run();
  } catch (error) {
    if (call.signal.aborted) throw new Stopped();
    call.complain(`psql: error: ${(error as Error).message}\n`);
    return 2;
  } finally {
    session.close();
  }
}

/** `pg_isready`: 0 accepts connections, 1 rejects them, 2 does not answer. */
export async function isReady(call: ToolCall): Promise<number> {
  const options = psqlOptions(call, true);
  const place = `${options.host ?? '/var/run/postgresql'}:${options.port}`;
  try {
    (await Session.open(call, options)).close();
    call.print(`${place} - accepting connections\n`);
    return 0;
  } catch (error) {
    const { message } = error as Error;
    // Who is turned away has been answered, unless the server is starting or stopping.
    const answered = message.includes('FATAL');
    const rejecting = /the database system is/.test(message);
    call.print(
      `${place} - ${answered ? (rejecting ? 'rejecting connections' : 'accepting connections') : 'no response'}\n`,
    );
    return answered ? (rejecting ? 1 : 0) : 2;
  }
}

class Psql {
  private failures = 0;
  private expanded: boolean;
  private finished = false;

  constructor(
    private readonly call: ToolCall,
    private readonly options: PsqlOptions,
    private readonly session: Session,
  ) {
    this.expanded = options.expanded;
  }

  async run(): Promise<number> {
    const { sources, stopOnError } = this.options;
    for (const { kind, text } of sources) {
      const before = this.failures;
      if (kind === 'command') await this.one(text);
      else if (!(await this.file(text))) return 1;
      // A command that fails ends psql; a script goes on after a failure, unless it is told not to.
      if (this.failures > before && (kind === 'command' || stopOnError)) return kind === 'command' ? 1 : 3;
    }
    if (sources.length === 0) await this.script(this.call.stdin);
    return this.failures > 0 && stopOnError ? 3 : 0;
  }

  private async file(name: string): Promise<boolean> {
    const { host, cwd, stdin } = this.call;
    if (name === '-') {
      await this.script(stdin);
      return true;
    }
    try {
      await this.script([host.files.read(host.files.resolve(cwd, name))]);
      return true;
    } catch (error) {
      this.call.complain(`psql: error: ${name}: ${(error as Error).message}\n`);
      return false;
    }
  }

  private async script(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const statements = new Statements();
    const decoder = new TextDecoder();
    for await (const chunk of source) {
      for (const one of statements.add(decoder.decode(chunk, { stream: true }))) await this.next(one);
      if (this.finished) return;
    }
    for (const one of statements.end()) await this.next(one);
  }

  private async next(statement: string): Promise<void> {
    if (this.finished || (this.failures > 0 && this.options.stopOnError)) return;
    await this.one(statement);
  }

  private async one(statement: string): Promise<void> {
    if (statement.trimStart().startsWith('\\')) await this.meta(statement.trim());
    else await this.ask(statement);
  }

  private async meta(line: string): Promise<void> {
    const [command = '', ...words] = line.split(/\s+/);
    if (command === '\\q') this.finished = true;
    else if (command === '\\x') this.expanded = !this.expanded;
    else if (command === '\\echo') this.call.print(`${words.join(' ')}\n`);
    else if (!['\\timing', '\\pset', '\\set'].includes(command)) {
      const queries = metaQuery(command, words[0]?.replace(/;$/, ''));
      if (!queries) {
        this.call.complain(`invalid command ${command}\nTry \\? for help.\n`);
        this.failures++;
      }
      for (const { title, sql } of queries ?? []) {
        const before = this.failures;
        await this.ask(sql, title);
        if (this.failures > before) return;
      }
    }
  }

  private async ask(sql: string, title = ''): Promise<void> {
    const { call, options } = this;
    await this.session.run(sql, {
      rows: (result: Rows) => {
        if (title && !options.tuplesOnly) call.print(`${title}\n`);
        call.print(printed(result, { ...options, expanded: this.expanded }));
      },
      done: (tag) => {
        if (!options.quiet && !tag.startsWith('COPY')) call.print(`${tag}\n`);
      },
      data: (chunk) => call.stdout.write(chunk),
      failed: (error) => {
        this.failures++;
        call.complain(described(error, sql));
      },
    });
  }
}

/** As psql prints an error, with the line that it is in. */
function described({ severity, message, detail, hint, position, where }: DatabaseError, sql: string): string {
  const lines = [`${severity ?? 'ERROR'}:  ${message}`];
  if (position) {
    const before = [...sql].slice(0, Number(position) - 1).join('');
    const number = before.split('\n').length;
    const label = `LINE ${number}: `;
    const column = before.length - before.lastIndexOf('\n') - 1;
    lines.push(`${label}${sql.split('\n')[number - 1]}`, `${' '.repeat(label.length + column)}^`);
  }
  if (detail) lines.push(`DETAIL:  ${detail}`);
  if (hint) lines.push(`HINT:  ${hint}`);
  if (where) lines.push(`CONTEXT:  ${where}`);
  return `${lines.join('\n')}\n`;
}
