import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { type IBufferCell, Terminal } from '@xterm/headless';

/** A terminal without a window: the interface writes to it, a test types into it and reads its screen. */
export class TestTerminal {
  readonly stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => this.stdin,
    ref: () => this.stdin,
    unref: () => this.stdin,
  }) as unknown as NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  /** Everything that was written, escape sequences and all. */
  raw = '';
  private readonly terminal: Terminal;
  private pending: Promise<void> = Promise.resolve();

  constructor(columns = 80, rows = 24) {
    this.terminal = new Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
    const write = (text: string): boolean => {
      this.raw += text;
      this.pending = this.pending.then(
        () => new Promise<void>((resolve) => this.terminal.write(text, resolve)),
      );
      return true;
    };
    this.stdout = Object.assign(new EventEmitter(), {
      columns,
      rows,
      isTTY: true,
      write,
    }) as unknown as NodeJS.WriteStream;
  }

  type(keys: string): void {
    this.stdin.push(keys);
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
    Object.assign(this.stdout, { columns, rows }).emit('resize');
  }

  /** The lines on the screen, without trailing blanks. */
  async lines(): Promise<string[]> {
    await this.pending;
    const buffer = this.terminal.buffer.active;
    return Array.from(
      { length: this.terminal.rows },
      (_, row) => buffer.getLine(buffer.baseY + row)?.translateToString(true) ?? '',
    );
  }

  /** Runs of cells that are not plain: what they hold, in which colour and weight. */
  async colours(): Promise<string[]> {
    await this.pending;
    const buffer = this.terminal.buffer.active;
    return Array.from({ length: this.terminal.rows }, (_, row) => {
      const line = buffer.getLine(buffer.baseY + row);
      const runs: { look: string; text: string }[] = [];
      for (let column = 0; column < this.terminal.cols; column++) {
        const cell = line?.getCell(column);
        if (!cell) continue;
        const look = lookOf(cell);
        const last = runs.at(-1);
        if (last?.look === look) last.text += cell.getChars() || ' ';
        else runs.push({ look, text: cell.getChars() || ' ' });
      }
      return runs
        .filter(({ look, text }) => look && text.trim())
        .map(({ look, text }) => `${String(row + 1).padStart(2)}  ${look.padEnd(11)} ${text.trim()}`);
    }).flat();
  }

  async text(): Promise<string> {
    return (await this.lines()).join('\n').trimEnd();
  }

  /** Waits until the screen holds the text; fails with the screen in the message. */
  async shows(text: string | RegExp, timeoutMs = 5_000): Promise<string> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const screen = await this.text();
      if (typeof text === 'string' ? screen.includes(text) : text.test(screen)) return screen;
      if (performance.now() > deadline)
        throw new Error(`Expected the screen to show ${text}, it shows:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'gray'];

function lookOf(cell: IBufferCell): string {
  return [
    cell.isFgDefault() ? '' : (colours[cell.getFgColor()] ?? `colour ${cell.getFgColor()}`),
    cell.isBold() ? 'bold' : '',
    cell.isDim() ? 'dim' : '',
  ]
    .filter(Boolean)
    .join(' ');
}
