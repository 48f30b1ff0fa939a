import { realClock } from '../../clock.ts';
import type { Reading } from '../../runtime/protocol.ts';
import { type Session, type SessionNetwork, SessionStarter } from '../../runtime/session/client.ts';
import type { SessionPlan } from '../../runtime/session/protocol.ts';
import { readUsage } from '../../runtime/usage.ts';

/** A laptop has room for so many; who starts more is told so. */
const MOST = 64;
/** What one command in a pod may take of this machine's memory. */
const MAX_BYTES = 2 ** 30;
const WATCH_MS = 1000;

/** The processes of the sandbox's own shell and tools that run now, under a limit of memory and of number. */
export class Sessions {
  private readonly starter: SessionStarter;
  private readonly running = new Map<string, Session>();
  private count = 0;
  private cancelWatch: (() => void) | undefined;

  constructor(program: string, network: SessionNetwork) {
    this.starter = new SessionStarter(program, network);
  }

  /** @throws Error if too many run */
  start(plan: SessionPlan, killMain: (signal: NodeJS.Signals) => void): { id: string; session: Session } {
    if (this.running.size >= MOST)
      throw new Error(`too many commands run in containers now: at most ${MOST}; end some of them`);
    const session = this.starter.start(plan, killMain);
    const id = `session-${++this.count}`;
    this.running.set(id, session);
    this.cancelWatch ??= realClock.setInterval(() => void this.watch(), WATCH_MS);
    void session.exited.then(() => {
      this.running.delete(id);
      if (this.running.size > 0) return;
      this.cancelWatch?.();
      this.cancelWatch = undefined;
    });
    return { id, session };
  }

  readings(): Promise<Reading[]> {
    return readUsage(new Map([...this.running].map(([id, { pid }]) => [pid, id])));
  }

  close(): void {
    for (const session of this.running.values()) session.signal('SIGKILL');
  }

  private async watch(): Promise<void> {
    for (const { id, memoryBytes } of await this.readings())
      if (memoryBytes > MAX_BYTES) this.running.get(id)?.signal('SIGKILL');
  }
}
