import { type Json, list, number, record, text } from './json-value.ts';

/** A step of thresholds; the first has no value. */
export interface ThresholdStep {
  value: number | null;
  color: string;
}

/** The unit of panel types of before fieldConfig: graph (yaxes, y_formats) and singlestat, gauge, table (format). */
export function oldUnit(panel: Json): string {
  const [axis] = list(panel.yaxes);
  const [written] = Array.isArray(panel.y_formats) ? (panel.y_formats as unknown[]) : [];
  const style = list(panel.styles).find(({ type, unit }) => type === 'number' && text(unit) !== '');
  return text(axis?.format) || text(written) || text(panel.format) || text(style?.unit);
}

/** Thresholds of graph (a list of marks) and of singlestat ("80,90" with a colour for each part). */
export function oldThresholds(panel: Json): ThresholdStep[] {
  if (typeof panel.thresholds === 'string') return ofSinglestat(panel.thresholds, panel.colors);
  const marks = list(panel.thresholds).filter(({ value }) => typeof value === 'number');
  const grid = record(panel.grid);
  const older = [
    { value: grid.threshold1, color: 'orange' },
    { value: grid.threshold2, color: 'red' },
  ].filter(({ value }) => typeof value === 'number');
  const found = [...marks.map((mark) => ({ value: mark.value, color: colorOf(mark) })), ...older];
  if (found.length === 0) return [];
  const steps = found.map(({ value, color }) => ({ value: number(value), color }));
  return [{ value: null, color: 'green' }, ...steps.sort((a, b) => a.value - b.value)];
}

function ofSinglestat(written: string, colors: unknown): ThresholdStep[] {
  const values = written.split(',').flatMap((part) => (part.trim() === '' ? [] : [Number(part)]));
  if (values.length === 0 || values.some((value) => Number.isNaN(value))) return [];
  const given = Array.isArray(colors) ? (colors as unknown[]).map(text) : [];
  return [null, ...values].map((value, index) => ({
    value,
    color: given[index] || ['green', 'orange', 'red'][Math.min(index, 2)]!,
  }));
}

function colorOf({ colorMode, fillColor, lineColor }: Json): string {
  if (colorMode === 'critical') return 'red';
  if (colorMode === 'warning') return 'orange';
  if (colorMode === 'ok') return 'green';
  return text(lineColor) || text(fillColor) || 'red';
}
