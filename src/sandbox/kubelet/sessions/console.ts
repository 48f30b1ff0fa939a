import type { ExecStreams } from '../../api.ts';
import { Pipe, type Sink } from '../../runtime/shell/streams.ts';

/** What is kept for the first who attaches, so that a shell's prompt is not missed. */
const UNSEEN_BYTES = 16 * 1024;

/** The streams of a container that was started with `stdin: true`: who attaches types into it and sees its output. */
export class Console implements Sink {
  readonly input = new Pipe();
  private readonly watchers = new Set<(chunk: Uint8Array) => void>();
  private unseen = Buffer.alloc(0);

  /** `once`: the input ends with the first who attached (`stdinOnce`). */
  constructor(private readonly once: boolean) {}

  write(chunk: Uint8Array): void {
    if (this.watchers.size === 0) this.unseen = Buffer.concat([this.unseen, chunk]).subarray(-UNSEEN_BYTES);
    for (const watcher of this.watchers) watcher(chunk);
  }

  /** Until the container has ended or the client has gone. */
  async join(io: ExecStreams, exited: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const watcher = (chunk: Uint8Array): void => void io.stdout(chunk);
    if (this.unseen.length > 0) watcher(this.unseen);
    this.unseen = Buffer.alloc(0);
    this.watchers.add(watcher);
    const typed = async (): Promise<void> => {
      for await (const chunk of io.stdin ?? []) this.input.write(chunk);
      if (io.stdin && this.once) this.input.end();
    };
    const gone = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    void typed();
    await Promise.race([exited, gone]);
    this.watchers.delete(watcher);
  }
}
