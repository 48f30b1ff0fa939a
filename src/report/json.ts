import type { Report } from './report.ts';
import { timelineOf } from './timeline.ts';

/** The scorecard and the timeline, for other programs. */
export function reportJson({ input, scorecard }: Report): string {
  return `${JSON.stringify({ version: 1, scorecard, timeline: timelineOf(input) }, undefined, 1)}\n`;
}
