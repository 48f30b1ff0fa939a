import { html } from './escape.ts';
import type { Report } from './report.ts';

export function reportHtml({ scorecard }: Report): string {
  return `<!doctype html><title>${html(scorecard.game.title)}</title>\n`;
}
