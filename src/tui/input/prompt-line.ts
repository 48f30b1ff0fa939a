import type { Store } from '../state/store.ts';
import type { Prompt, PromptOption, UiState } from '../state/ui-state.ts';
import type { Press } from './press.ts';

/** What is done with an answer; a promise rejects where that fails. */
type Answered<T> = (answer: T) => void | Promise<void>;
type Search = (prefix: string) => Promise<string[]>;

const shownOptions = 8;

/** The line that asks: typing, type-ahead, yes and no. An answer goes to whoever asked last. */
export class PromptLine {
  private answer: Answered<string> = () => undefined;
  private search: Search | undefined;

  constructor(private readonly store: Pick<Store<UiState>, 'get' | 'set'>) {}

  /** To be answered by y or n alone. */
  confirm(question: string, yes: Answered<void>, no: Answered<void> = () => undefined): void {
    this.open({ question, confirm: true }, (answer) => (answer === 'y' ? yes() : no()));
  }

  /** Any text; `search` suggests some that begin like it. */
  ask(question: string, answered: Answered<string>, search?: Search): void {
    this.open({ question }, answered, search);
    this.suggest('');
  }

  /** Only what is on the list can be chosen; typing narrows it. */
  choose(question: string, all: PromptOption[], answered: Answered<string>): void {
    this.open({ question, all, options: all, index: 0 }, answered);
  }

  press(input: string, press: Press): void | Promise<void> {
    const { prompt } = this.store.get();
    if (!prompt) return undefined;
    if (press.escape) return this.close();
    if (prompt.confirm) return /^[yn]$/i.test(input) ? this.answered(input.toLowerCase()) : undefined;
    if (press.return) {
      // What is on no list is not the answer to a question that has one.
      if (prompt.all && !prompt.options[prompt.index]) return undefined;
      return this.answered((prompt.options[prompt.index]?.name ?? prompt.text).trim());
    }
    if (press.upArrow || press.downArrow) {
      const step = press.upArrow ? -1 : 1;
      this.change({
        index: Math.max(prompt.all ? 0 : -1, Math.min(prompt.options.length - 1, prompt.index + step)),
      });
    } else if (press.tab) {
      const completed = prompt.options[Math.max(0, prompt.index)];
      if (completed) this.typed(completed.name);
    } else if (press.backspace || press.delete) this.typed(prompt.text.slice(0, -1));
    else if (input && !press.ctrl) this.typed(prompt.text + input.replace(/[\r\n]/g, ' '));
    return undefined;
  }

  private answered(text: string): void | Promise<void> {
    this.close();
    return this.answer(text);
  }

  private typed(text: string): void {
    this.change({ text });
    this.suggest(text);
    const { prompt } = this.store.get();
    if (prompt?.all) this.change({ options: prompt.all.filter((option) => fits(option, text)), index: 0 });
  }

  private suggest(text: string): void {
    const { search } = this;
    void search?.(text).then(
      (options) => {
        // An answer to an older text, or to another question, must not replace a newer one.
        if (this.search === search && this.store.get().prompt?.text === text)
          this.change({
            options: options.slice(0, shownOptions).map((name) => ({ name })),
            index: text && options.length > 0 ? 0 : -1,
          });
      },
      () => undefined,
    );
  }

  private open(
    prompt: Partial<Prompt> & Pick<Prompt, 'question'>,
    answered: Answered<string>,
    search?: Search,
  ): void {
    this.answer = answered;
    this.search = search;
    this.store.set({ prompt: { text: '', options: [], index: -1, confirm: false, ...prompt } });
  }

  private change(change: Partial<Prompt>): void {
    const { prompt } = this.store.get();
    if (prompt) this.store.set({ prompt: { ...prompt, ...change } });
  }

  private close(): void {
    this.search = undefined;
    this.store.set({ prompt: undefined });
  }
}

function fits({ name, about = '' }: PromptOption, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return name.toLowerCase().includes(wanted) || about.toLowerCase().includes(wanted);
}
