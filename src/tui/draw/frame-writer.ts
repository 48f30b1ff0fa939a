/**
 * Puts whole frames on a screen by rewriting only the lines that changed, each at its absolute row: nothing is
 * ever cleared, so nothing flickers, and nothing can drift. ink's own incremental writer counts rows relative to
 * the cursor and loses one with every frame that ends in a line break (6.8.0), so ink is run in debug mode, where
 * it hands over each frame as one plain string.
 */
export class FrameWriter {
  private shown: string[] = [];
  private next: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private open = true;

  constructor(
    private readonly stdout: NodeJS.WriteStream,
    /** At most one write in this time, ms. */
    private readonly intervalMs = 40,
  ) {
    stdout.on('resize', this.forget);
  }

  /** The stream that ink is given: what it writes is a frame; everything else is the terminal's own. */
  stream(): NodeJS.WriteStream {
    const write = (frame: string): boolean => {
      this.frame(frame);
      return true;
    };
    return new Proxy(this.stdout, {
      get: (target, name) => {
        if (name === 'write') return write;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Writes what is waiting, then no more. */
  close(): void {
    this.flush();
    this.open = false;
    clearTimeout(this.timer);
    this.stdout.off('resize', this.forget);
  }

  private frame(text: string): void {
    if (!this.open) return;
    this.next = text;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, this.intervalMs);
  }

  private flush(): void {
    if (!this.open || this.next === undefined) return;
    const lines = this.next.split('\n').slice(0, this.stdout.rows || 24);
    this.next = undefined;
    const changes: string[] = [];
    for (let row = 0; row < Math.max(lines.length, this.shown.length); row++) {
      const line = lines[row] ?? '';
      if (line !== this.shown[row]) changes.push(`\u001b[${row + 1};1H${line}\u001b[0m\u001b[K`);
    }
    this.shown = lines;
    if (changes.length > 0) this.stdout.write(changes.join(''));
  }

  /** After a resize nothing that was shown can be relied on. */
  private readonly forget = (): void => {
    this.shown = [];
    this.stdout.write('\u001b[2J');
  };
}
