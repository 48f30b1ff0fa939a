import { Pushgateway } from 'prom-client';
import { describeError, exitCodes, MisfortuneError } from '../../../errors.ts';
import { gradeGame } from '../../../grade/grade.ts';
import { loadGradeInput } from '../../../grade/load.ts';
import type { Scorecard } from '../../../grade/scorecard.ts';
import { gameMetrics } from '../../../report/metrics.ts';
import { gamesOver } from './folders.ts';

/** A Pushgateway that does not answer is given up after this. */
const pushWithinMs = 10_000;

/** `misfortune games metrics [FOLDER]`: metrics of games as Prometheus reads them, printed or pushed. */
export async function gamesMetrics(folder: string | undefined, { push }: { push?: string }): Promise<void> {
  const gateway = push === undefined ? undefined : gatewayOf(push);
  const cards: Scorecard[] = [];
  let unread = 0;
  for (const one of gamesOver(folder)) {
    try {
      const card = gradeGame(await loadGradeInput(one));
      if (card.played) cards.push(card);
    } catch (error) {
      unread += 1;
      process.stderr.write(`Not read: ${one.id}: ${describeError(error).replace(/\s*\n\s*/g, ' ')}\n`);
    }
  }
  const registry = gameMetrics(cards, unread);
  if (!gateway) return void process.stdout.write(await registry.metrics());
  try {
    await new Pushgateway(gateway, { timeout: pushWithinMs }, registry).push({ jobName: 'misfortune' });
  } catch (error) {
    throw new MisfortuneError(
      'not-pushed',
      `${gateway} did not take the metrics: ${(error as Error).message}`,
      {
        todo: 'Expected the URL of a Pushgateway, as http://pushgateway.example:9091.',
        exitCode: exitCodes.failed,
        cause: error,
      },
    );
  }
}

function gatewayOf(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new MisfortuneError('bad-url', `Expected an http or https URL for --push, got "${text}".`, {
    exitCode: exitCodes.usage,
  });
}
