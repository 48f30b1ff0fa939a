import { LabelSet } from '../../tsdb/labels.ts';
import { type PromqlFunction, samplesOf, scalar, vector } from './signature.ts';

/** Time and calendar, in UTC. */
export const dateFunctions: Record<string, PromqlFunction> = {
  time: { args: [], returns: 'scalar', call: (_, { time }) => scalar(time / 1000) },
  timestamp: {
    args: ['instant vector'],
    returns: 'instant vector',
    call: ([input], { time }) =>
      vector(
        samplesOf(input).map((sample) => ({
          labels: sample.labels.withoutName(),
          value: (sample.time ?? time) / 1000,
        })),
      ),
  },
  minute: part((date) => date.getUTCMinutes()),
  hour: part((date) => date.getUTCHours()),
  day_of_week: part((date) => date.getUTCDay()),
  day_of_month: part((date) => date.getUTCDate()),
  day_of_year: part((date) => (startOfDay(date) - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000),
  days_in_month: part((date) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  ),
  month: part((date) => date.getUTCMonth() + 1),
  year: part((date) => date.getUTCFullYear()),
};

function startOfDay(date: Date): number {
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
}

function part(of: (date: Date) => number): PromqlFunction {
  return {
    args: ['instant vector'],
    optional: 1,
    returns: 'instant vector',
    call: ([input], { time }) => {
      const samples = input ? samplesOf(input) : [{ labels: LabelSet.empty, value: time / 1000 }];
      return vector(
        samples.map(({ labels, value }) => ({
          labels: labels.withoutName(),
          value: of(new Date(Math.trunc(value) * 1000)),
        })),
      );
    },
  };
}
