import { countsInWords } from '../nn/weights/report';
import type { EvaluationEvent, RunEvent, StageId, StepEvent } from '../protocol/events';
import { duration, percent } from './format';

/** Between two lines where the output is not a terminal. */
const LINE_MS = 10_000;
/** Between two states of the line on a terminal. */
const REDRAW_MS = 100;

/** Where progress is written: a terminal, a pipe or a file. */
export interface Output {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/**
 * The progress of a training as text. On a terminal one line that is rewritten, elsewhere a line now and then; what
 * should stay (stages, evaluations, warnings) has lines of its own.
 */
export class ProgressText {
  readonly #output: Output;
  readonly #batch: number;
  readonly #now: () => number;
  #iterations = 0;
  #drawn = Number.NEGATIVE_INFINITY;
  #lineIsOpen = false;
  #msPerStep: number | undefined;
  #miou: Partial<Record<StageId, number>> = {};

  /** @param batch images per step */
  constructor(output: Output, batch: number, now: () => number = Date.now) {
    this.#output = output;
    this.#batch = batch;
    this.#now = now;
  }

  event(event: RunEvent): void {
    switch (event.kind) {
      case 'stage':
        this.#iterations = event.iterations;
        this.#msPerStep = undefined;
        this.line(
          `Stage ${event.index + 1} of ${event.stages}: the ${event.trains}, ${event.iterations} steps` +
            `${event.from > 0 ? `, from step ${event.from}` : ''}`,
        );
        break;
      case 'step':
        this.#step(event);
        break;
      case 'evaluation':
        this.#evaluation(event);
        break;
      case 'warning':
        this.line(`Warning: ${event.message}`);
        break;
      case 'weights':
        this.line(`The ${event.role} begins from ${event.file}: ${countsInWords(event)}`);
        break;
      case 'resume':
        this.line(`Going on after step ${event.step} of the ${event.stage} stage`);
        break;
      case 'paused':
        this.line(`Paused after step ${event.step} of the ${event.stage} stage, with a checkpoint`);
        break;
      case 'continued':
        this.line('Going on');
        break;
      case 'sample':
      case 'checkpoint':
      case 'end':
        break;
      default:
        event satisfies never;
    }
  }

  /** Writes a line that stays. */
  line(text: string): void {
    this.#output.write(`${this.#lineIsOpen ? '\r\x1b[2K' : ''}${text}\n`);
    this.#lineIsOpen = false;
  }

  /** Ends the line that is being rewritten, so that others can write. */
  close(): void {
    if (this.#lineIsOpen) this.#output.write('\n');
    this.#lineIsOpen = false;
  }

  #step(event: StepEvent): void {
    this.#msPerStep =
      this.#msPerStep === undefined ? event.ms : this.#msPerStep + (event.ms - this.#msPerStep) * 0.1;
    const now = this.#now();
    const last = event.step === this.#iterations;
    if (now - this.#drawn < (this.#output.isTTY ? REDRAW_MS : LINE_MS) && !last) return;
    this.#drawn = now;
    const text = this.#describe(event);
    if (!this.#output.isTTY) this.line(text);
    else {
      this.#output.write(`\r\x1b[2K${text.slice(0, (this.#output.columns ?? 80) - 1)}`);
      this.#lineIsOpen = true;
    }
  }

  #describe({ stage, step, phase, loss, etaMs }: StepEvent): string {
    const miou = this.#miou[stage];
    return [
      `${stage} ${step}/${this.#iterations}${phase ? ` ${phase}` : ''}`,
      `loss ${loss.toFixed(3)}`,
      ...(miou === undefined ? [] : [`mIoU ${percent(miou)}`]),
      `${((1000 * this.#batch) / this.#msPerStep!).toFixed(1)} samples/s`,
      ...(etaMs === undefined ? [] : [`${duration(etaMs)} left`]),
    ].join('  ');
  }

  #evaluation({ stage, step, role, miou, pixelAccuracy, images }: EvaluationEvent): void {
    this.#miou[stage] = miou;
    this.line(
      `${stage} ${step}/${this.#iterations}  ${role} on ${images} validation images: ` +
        `mIoU ${percent(miou)}, pixel accuracy ${percent(pixelAccuracy)}`,
    );
  }
}
