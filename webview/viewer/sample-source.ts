import type { SampleKey, ToWebview } from '../../src/protocol/panel';
import { Picture } from './picture';

const keep = 24;
const name = (key: SampleKey) => `${key.stage}/${key.step}/${key.id}`;

/**
 * Asks the extension for samples, one at a time and always for the one wanted last, so that dragging the step slider
 * never queues up; keeps the last few pictures.
 */
export class SampleSource {
  readonly #kept = new Map<string, Picture>();
  #wanted: SampleKey | null = null;
  #asked: SampleKey | null = null;

  constructor(
    private readonly ask: (key: SampleKey) => void,
    private readonly onPicture: (picture: Picture) => void,
    private readonly onProblem: (message: string) => void,
  ) {}

  /** The picture if it is at hand; otherwise it is asked for and `onPicture` is called when it is there. */
  want(key: SampleKey): Picture | undefined {
    const kept = this.#kept.get(name(key));
    this.#wanted = kept ? null : key;
    if (!kept && !this.#asked) this.#request(key);
    return kept;
  }

  receive(message: Extract<ToWebview, { kind: 'sample' }>): void {
    this.#asked = null;
    try {
      const picture = new Picture(message.key, message.layers);
      this.#kept.set(name(message.key), picture);
      for (const oldest of [...this.#kept.keys()].slice(0, -keep)) this.#kept.delete(oldest);
      if (this.#wanted && name(this.#wanted) === name(message.key)) {
        this.#wanted = null;
        this.onPicture(picture);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    if (this.#wanted) this.#request(this.#wanted);
  }

  /** The extension could not answer. What was asked for is given up; a newer wish is still followed. */
  problem(message: string): void {
    const asked = this.#asked;
    this.#asked = null;
    if (asked && this.#wanted && name(asked) !== name(this.#wanted)) this.#request(this.#wanted);
    else this.#fail(message);
  }

  /** After a new snapshot: an answer to an old question may never come. */
  reset(): void {
    this.#kept.clear();
    this.#asked = null;
    this.#wanted = null;
  }

  #request(key: SampleKey): void {
    this.#asked = key;
    this.ask(key);
  }

  #fail(message: string): void {
    this.#wanted = null;
    this.onProblem(message);
  }
}
