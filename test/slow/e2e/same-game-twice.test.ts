import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadGradeInput } from '../../../src/grade/load.ts';
import { gameFolders } from '../../../src/log/folder.ts';
import { cardOf, everythingSaid } from '../../grade/truth/truth.ts';
import { Place, startingMs } from './place.ts';

let place: Place;
beforeAll(async () => {
  place = new Place(10);
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());

const byThePlaybook = [
  'misfortune dash shop-overview',
  'kubectl get pods,jobs -A',
  'kubectl delete job report-export -n batch',
].join('\n');

/** haymaker without a fault of the responder, as soon as the alert has told its owner. */
async function playHaymaker() {
  const game = await place.playing('haymaker');
  await game.happened('checkout is told', (event) => event.type === 'alert-notified', 90_000);
  await place.join(byThePlaybook);
  const recovered = (event: { type: string }) =>
    event.type === 'oracle-checked' && 'holds' in event && event.holds === true;
  await game.happened('customers are served', recovered, 90_000);
  await place.join('misfortune dash shop-overview\nmisfortune resolve');
  expect(await game.ended, game.said()).toBe(0);
  const input = await loadGradeInput(gameFolders(place.home).at(-1)!);
  return { input, card: cardOf(input), said: everythingSaid(input) };
}

it('case G1: the same flawless game twice in a row is graded the same', async () => {
  const first = await playHaymaker();
  const second = await playHaymaker();
  expect(second.input.state.earlierGames).toHaveLength(first.input.state.earlierGames.length + 1);
  for (const { card, said } of [first, second]) {
    expect(card.alerts.letter).toBe('A');
    expect(card.dashboards.expected.map(({ verdict }) => verdict)).toEqual(['moved', 'moved']);
    expect(said).not.toMatch(/dead end|moves as much in quiet times|\+ {2}for:/);
    expect(card.response.times.every(({ at = 0 }) => at >= 0)).toBe(true);
  }
  expect(second.card.dashboards.letter).toBe(first.card.dashboards.letter);
  expect(second.card.dashboards.parts.expected).toBe(first.card.dashboards.parts.expected);
}, 300_000);
