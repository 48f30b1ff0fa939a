/** How a line is meant, for its colour. */
export type DebriefTone = 'good' | 'warn' | 'bad' | 'quiet' | 'accent';

/** A line of the debrief in a terminal. */
export interface DebriefLine {
  text: string;
  tone?: DebriefTone;
}
