import type {
  EvaluationEvent,
  Role,
  RunEvent,
  SampleEvent,
  StageId,
  WeightsEvent,
} from '../../src/protocol/events';
import { StepSeries } from './series';

export interface Stage {
  id: StageId;
  trains: Role;
  index: number;
  stages: number;
  iterations: number;
  /** Steps of all stages before this one: where it begins on the continuous axis. */
  offset: number;
}

export interface Evaluation extends EvaluationEvent {
  /** Position on the continuous axis. */
  x: number;
}

/** Of all models: another model of the same run is another picture too. */
let changes = 0;

/** Everything the panels show of a run, built from its events in the order of the journal. */
export class RunModel {
  readonly stages: Stage[] = [];
  readonly series = new StepSeries();
  evaluations: Evaluation[] = [];
  samples: SampleEvent[] = [];
  warnings: string[] = [];
  /** Files that networks began from; one for each network, the last that was told. */
  weights: WeightsEvent[] = [];
  /** Another number with every change that a view could show, and in every model. */
  revision = ++changes;

  apply(events: readonly RunEvent[]): void {
    for (const event of events) this.#applyOne(event);
    if (events.length > 0) this.revision = ++changes;
  }

  /** Position of a step on the axis that runs through all stages. */
  x(stage: StageId, step: number): number {
    return (this.#stage(stage)?.offset ?? 0) + step;
  }

  /** The stage a position belongs to; a stage ends with its last step. */
  stageAt(x: number): Stage | undefined {
    return this.stages.findLast((s) => x > s.offset) ?? this.stages[0];
  }

  latest(role: Role): Evaluation | undefined {
    return this.evaluations.findLast((e) => e.role === role);
  }

  best(role: Role): Evaluation | undefined {
    return this.evaluations
      .filter((e) => e.role === role)
      .reduce<Evaluation | undefined>((best, e) => (best && best.miou >= e.miou ? best : e), undefined);
  }

  #applyOne(event: RunEvent): void {
    switch (event.kind) {
      case 'stage':
        this.#enter(event);
        break;
      case 'step': {
        const x = this.x(event.stage, event.step);
        // A journal that repeats a step without saying `resume` (a worker killed before it could): the later one counts.
        if (this.series.length > 0 && x <= this.series.x.at(this.series.length - 1))
          this.series.cutAfter(x - 1);
        this.series.append(x, event);
        break;
      }
      case 'evaluation':
        this.evaluations = this.evaluations.filter(
          (e) => e.stage !== event.stage || e.step !== event.step || e.role !== event.role,
        );
        this.evaluations.push({ ...event, x: this.x(event.stage, event.step) });
        break;
      case 'sample':
        this.samples = this.samples.filter(
          (s) => s.stage !== event.stage || s.step !== event.step || s.id !== event.id,
        );
        this.samples.push(event);
        break;
      case 'resume':
        this.#supersede(event.stage, event.step);
        break;
      case 'warning':
        this.warnings.push(event.message);
        break;
      case 'weights':
        this.weights = [...this.weights.filter((w) => w.role !== event.role), event];
        break;
      case 'checkpoint':
      case 'paused':
      case 'continued':
      case 'end':
        break;
      default:
        event satisfies never;
    }
  }

  #enter(event: Extract<RunEvent, { kind: 'stage' }>): void {
    const before = this.stages.filter((s) => s.index < event.index);
    const stage: Stage = {
      id: event.stage,
      trains: event.trains,
      index: event.index,
      stages: event.stages,
      iterations: event.iterations,
      offset: before.reduce((sum, s) => sum + s.iterations, 0),
    };
    const known = this.stages.findIndex((s) => s.id === event.stage);
    if (known >= 0) this.stages[known] = stage;
    else this.stages.push(stage);
    this.#supersede(event.stage, event.from);
  }

  /** Drops what was recorded of a stage after `step`, and every later stage's records. */
  #supersede(stage: StageId, step: number): void {
    const index = this.#stage(stage)?.index ?? 0;
    const stays = (e: { stage: StageId; step: number }) => {
      const at = this.#stage(e.stage)?.index ?? 0;
      return at < index || (at === index && e.step <= step);
    };
    this.series.cutAfter(this.x(stage, step));
    this.evaluations = this.evaluations.filter(stays);
    this.samples = this.samples.filter(stays);
  }

  #stage(id: StageId): Stage | undefined {
    return this.stages.find((s) => s.id === id);
  }
}
