import { type IPty, spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';
import { launcher } from './place.ts';
import { until } from './processes.ts';

/** A program in a real pseudo terminal; what it draws is read from a terminal without a window. */
export class Screen {
  readonly pty: IPty;
  /** Everything that was written, escape sequences and all. */
  raw = '';
  readonly ended: Promise<number>;
  private over = false;
  private readonly terminal: Terminal;
  private drawn: Promise<void> = Promise.resolve();

  constructor(file: string, args: string[], env: NodeJS.ProcessEnv, columns = 100, rows = 30, cwd?: string) {
    this.terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.pty = spawn(file, args, {
      cols: columns,
      rows,
      name: 'xterm-256color',
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...env, TERM: 'xterm-256color' } as Record<string, string>,
    });
    this.pty.onData((text) => {
      this.raw += text;
      this.drawn = this.drawn.then(() => new Promise<void>((done) => this.terminal.write(text, done)));
    });
    // Answers what a program asks its terminal (cursor position and the like).
    this.terminal.onData((text) => {
      if (!this.over) this.pty.write(text);
    });
    this.ended = new Promise((resolve) =>
      this.pty.onExit(({ exitCode }) => {
        this.over = true;
        resolve(exitCode);
      }),
    );
  }

  /** `misfortune …` in a terminal. */
  static misfortune(args: string[], env: NodeJS.ProcessEnv, columns?: number, rows?: number): Screen {
    return new Screen(process.execPath, [launcher, ...args], env, columns, rows);
  }

  type(keys: string): void {
    this.pty.write(keys);
  }

  async text(): Promise<string> {
    await this.drawn;
    const { active } = this.terminal.buffer;
    const lines = Array.from(
      { length: this.terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? '',
    );
    return lines.join('\n').trimEnd();
  }

  /** Whether the terminal is on its alternate screen, as a full-screen program leaves it if it does not clean up. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  /** Whether the last word about the cursor was to show it. */
  get showsCursor(): boolean {
    return this.raw.lastIndexOf('\u001b[?25h') > this.raw.lastIndexOf('\u001b[?25l');
  }

  async shows(wanted: string | RegExp, timeoutMs = 60_000): Promise<string> {
    try {
      return await until(
        `the screen shows ${wanted}`,
        async () => {
          const text = await this.text();
          return (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) && text;
        },
        timeoutMs,
      );
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.text()}`);
    }
  }

  /** Goes down a list until this entry is the marked one, whatever stands before it. */
  async choose(entry: string): Promise<void> {
    const marked = new RegExp(`▶ +${entry}\\b`);
    let text = await this.shows(/▶ /);
    for (let pressed = 0; pressed < 60 && !marked.test(text); pressed++) {
      this.type('\u001b[B');
      text = await until('the mark moves', async () => {
        const next = await this.text();
        return next !== text && next;
      });
    }
    await this.shows(marked);
  }

  /** Closes the terminal as a closed window does: what runs in it gets SIGHUP. */
  close(): void {
    if (!this.over) this.pty.kill('SIGHUP');
  }
}
