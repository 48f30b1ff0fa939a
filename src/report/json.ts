import type { Report } from './report.ts';
import { nameOf, storyOf } from './story.ts';
import { timelineOf } from './timeline.ts';

/** Story, scorecard and timeline, for other programs. */
export function reportJson({ input, scorecard }: Report): string {
  const story = scorecard.played ? { name: nameOf(scorecard), story: storyOf(scorecard) } : {};
  const report = { version: 1, ...story, scorecard, timeline: timelineOf(input) };
  return `${JSON.stringify(report, undefined, 1)}\n`;
}
