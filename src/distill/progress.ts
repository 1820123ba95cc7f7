import type { StageId } from '../protocol/events';

/** A stage as the estimate sees it; costs in any unit that is the same for all stages. */
export interface StageWork {
  stage: StageId;
  iterations: number;
  evaluateEvery: number;
  /** Of a step with one pass of the network in training. */
  stepCost: number;
  evaluationCost: number;
}

/** A running mean that forgets: the mean of all values at first, later that of about the last 20. */
class Smoothed {
  #value = 0;
  #count = 0;

  add(value: number): void {
    this.#count++;
    this.#value += (value - this.#value) * Math.max(1 / this.#count, 0.05);
  }

  get value(): number | undefined {
    return this.#count > 0 ? this.#value : undefined;
  }
}

/**
 * Estimates the time left in a whole run, stages and evaluations that have not begun included: what has been measured
 * counts as measured, anything else by its cost relative to the steps measured last.
 */
export class Progress {
  readonly #stages: readonly StageWork[];
  readonly #steps = new Map<StageId, Smoothed>();
  readonly #evaluations = new Map<StageId, Smoothed>();
  #msPerCost = 0;

  constructor(stages: readonly StageWork[]) {
    this.#stages = stages;
    for (const { stage } of stages) {
      this.#steps.set(stage, new Smoothed());
      this.#evaluations.set(stage, new Smoothed());
    }
  }

  /** A step took `ms`, with this many passes of the network in training (a method may ask for several). */
  step(stage: StageId, ms: number, passes: number): void {
    const steps = this.#steps.get(stage)!;
    steps.add(ms);
    const { stepCost } = this.#stages.find((work) => work.stage === stage)!;
    this.#msPerCost = steps.value! / (stepCost * passes);
  }

  evaluation(stage: StageId, ms: number): void {
    this.#evaluations.get(stage)!.add(ms);
  }

  /** Milliseconds left when `step` of `stage` is done, the evaluation that may follow it still ahead. */
  remaining(stage: StageId, step: number): number {
    const current = this.#stages.findIndex((work) => work.stage === stage);
    let left = 0;
    for (const [i, work] of this.#stages.entries()) {
      if (i < current) continue;
      const done = i === current ? step : 0;
      const stepMs = this.#steps.get(work.stage)!.value ?? this.#msPerCost * work.stepCost;
      const evaluationMs = this.#evaluations.get(work.stage)!.value ?? this.#msPerCost * work.evaluationCost;
      const evaluationsDone = Math.max(0, Math.floor((done - 1) / work.evaluateEvery));
      left += stepMs * (work.iterations - done);
      left += evaluationMs * (Math.ceil(work.iterations / work.evaluateEvery) - evaluationsDone);
    }
    return left;
  }
}
