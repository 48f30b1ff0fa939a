import type { Rating } from '../grade/playbook/step-rating.ts';

/** The scale in words, for under a table. */
export const ratingLegend =
  'P: performed without challenges. S: with some. M: with major ones. U: could not be performed. Rated is the step, not who followed it';

export const ratingTones: Record<Rating, 'good' | 'warn' | 'bad' | undefined> = {
  P: 'good',
  S: undefined,
  M: 'warn',
  U: 'bad',
};
