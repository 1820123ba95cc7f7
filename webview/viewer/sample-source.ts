import type { SampleKey, SampleRequest, ToWebview } from '../../src/protocol/panel';
import { Picture } from './picture';

const keep = 24;
const name = (key: SampleKey) => `${key.stage}/${key.step}/${key.id}`;

/**
 * Asks the extension for samples, one at a time and always for the one wanted last, so that dragging the step slider
 * never queues up: first coarsely, and when that is still wanted as a whole. Keeps the last few pictures.
 */
export class SampleSource {
  readonly #kept = new Map<string, Picture>();
  #wanted: SampleKey | null = null;
  #asked: SampleKey | null = null;

  constructor(
    private readonly ask: (request: SampleRequest) => void,
    private readonly onPicture: (picture: Picture) => void,
    private readonly onProblem: (message: string) => void,
    /** The first, coarse look is all that is wanted. */
    private readonly coarsely = false,
  ) {}

  /** The picture if it is at hand; otherwise it is asked for and `onPicture` is called when it is there. */
  want(key: SampleKey): Picture | undefined {
    const kept = this.#kept.get(name(key));
    this.#wanted = kept ? null : key;
    if (!kept && !this.#asked) this.#request(key, true);
    return kept;
  }

  receive(message: Extract<ToWebview, { kind: 'sample' }>): void {
    this.#asked = null;
    let more = false;
    try {
      const picture = new Picture(message.key, message.layers, message.of);
      more = picture.coarse && !this.coarsely;
      if (!more) {
        this.#kept.set(name(message.key), picture);
        for (const oldest of [...this.#kept.keys()].slice(0, -keep)) this.#kept.delete(oldest);
      }
      if (this.#wanted && name(this.#wanted) === name(message.key)) {
        if (!more) this.#wanted = null;
        this.onPicture(picture);
      } else more = false;
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    if (this.#wanted) this.#request(this.#wanted, !more);
  }

  /** The extension could not answer. What was asked for is given up; a newer wish is still followed. */
  problem(message: string): void {
    const asked = this.#asked;
    this.#asked = null;
    if (asked && this.#wanted && name(asked) !== name(this.#wanted)) this.#request(this.#wanted, true);
    else this.#fail(message);
  }

  /** After a new snapshot: an answer to an old question may never come. */
  reset(): void {
    this.#kept.clear();
    this.#asked = null;
    this.#wanted = null;
  }

  #request(key: SampleKey, coarse: boolean): void {
    this.#asked = key;
    this.ask({ key, coarse });
  }

  #fail(message: string): void {
    this.#wanted = null;
    this.onProblem(message);
  }
}
