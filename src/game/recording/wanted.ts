import type { RecordedQuery } from '../../signal/recorded-series.ts';
import type { Prometheus } from '../../signal/series.ts';

/** A query that is to be recorded; one with an outcome is kept without being asked. */
export type Wanted = Omit<RecordedQuery, 'series' | 'outcome'> &
  Partial<Pick<RecordedQuery, 'outcome'>> & {
    /** Whom to ask instead of the game's Prometheus. */
    prometheus?: Prometheus;
  };

/**
 * Limits on what a game may ask of a Prometheus: queries, series of one query, points of one series; after so many queries
 * in a row without an answer nothing more is asked.
 */
export const budget = { queries: 600, seriesEach: 100, points: 1200, atOnce: 4, silent: 8 } as const;
