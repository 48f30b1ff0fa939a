import type { Clock } from '../../clock.ts';

/** What a look at the cluster gave. */
export interface Look {
  holds: boolean;
  /** In words, for people. */
  seen: string;
  /** It will not hold, however long it is waited for. */
  isFinal?: true;
}

/** Looks again and again until it holds or `seconds` are over; gives the last look. */
export async function until(
  look: () => Promise<Look>,
  seconds: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Look> {
  const deadline = clock.mono() + seconds * 1000;
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
    const last = await look();
    if (last.holds || last.isFinal || clock.mono() >= deadline) return last;
    await clock.sleep(Math.min(pause, Math.max(1, deadline - clock.mono())), signal);
  }
}
