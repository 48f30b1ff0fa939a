import { z } from 'zod';

const annotationSchema = z.object({
  dashboardUID: z.string().optional(),
  panelId: z.number().int().optional(),
  /** ms since epoch. */
  time: z.number().optional(),
  timeEnd: z.number().optional(),
  tags: z.array(z.string()).default([]),
  text: z.string(),
});

type Annotation = z.infer<typeof annotationSchema> & { id: number; time: number; timeEnd: number };

/** Annotations are kept as long as the process lives. */
export class Annotations {
  readonly #annotations: Annotation[] = [];

  /** Throws ZodError for what is no annotation. */
  add(body: unknown, now: number): { id: number; message: string } {
    const parsed = annotationSchema.parse(body);
    const time = parsed.time ?? now;
    const id = this.#annotations.length + 1;
    this.#annotations.push({ ...parsed, id, time, timeEnd: parsed.timeEnd ?? time });
    return { id, message: 'Annotation added' };
  }

  /** Newest first. Filters: from, to, dashboardUID, panelId, tags (all of them), limit. */
  find(params: URLSearchParams): Annotation[] {
    const from = Number(params.get('from') ?? 0);
    const to = Number(params.get('to') ?? Infinity) || Infinity;
    const tags = params.getAll('tags');
    const uid = params.get('dashboardUID');
    const panelId = params.get('panelId');
    return this.#annotations
      .filter((one) => one.time <= to && one.timeEnd >= from)
      .filter((one) => uid === null || one.dashboardUID === uid)
      .filter((one) => panelId === null || one.panelId === Number(panelId))
      .filter((one) => tags.every((tag) => one.tags.includes(tag)))
      .sort((a, b) => b.time - a.time)
      .slice(0, Number(params.get('limit') ?? 100));
  }
}
