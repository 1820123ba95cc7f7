import type { RunEvent, StageId } from '../protocol/events';

const stageOrder: Record<StageId, number> = { teacher: 0, student: 1 };

/**
 * The events that count. A run that goes on from a checkpoint repeats the steps after it, so what the journal tells of
 * them up to the `resume` is superseded, as are earlier ends; and a stage that is entered again was begun already.
 */
export class EffectiveEvents {
  #events: RunEvent[] = [];

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  /**
   * Takes the next event of the journal.
   * @returns `added`, `ignored` (a stage that is known), or `rewound`: earlier events have been dropped, too
   */
  push(event: RunEvent): 'added' | 'ignored' | 'rewound' {
    if (event.kind === 'stage' && this.#events.some((e) => e.kind === 'stage' && e.stage === event.stage))
      return 'ignored';
    let rewound = false;
    if (event.kind === 'resume') {
      const before = this.#events.length;
      this.#events = this.#events.filter((e) => !isSuperseded(e, event));
      rewound = this.#events.length < before;
    }
    this.#events.push(event);
    return rewound ? 'rewound' : 'added';
  }
}

export function effectiveEvents(journal: readonly RunEvent[]): readonly RunEvent[] {
  const effective = new EffectiveEvents();
  for (const event of journal) effective.push(event);
  return effective.events;
}

function isSuperseded(event: RunEvent, resume: { stage: StageId; step: number }): boolean {
  switch (event.kind) {
    case 'end':
      return true;
    case 'warning':
    case 'weights':
      return false;
    case 'stage':
      return stageOrder[event.stage] > stageOrder[resume.stage];
    case 'step':
    case 'evaluation':
    case 'sample':
    case 'checkpoint':
    case 'paused':
    case 'continued':
    case 'resume': {
      const later = stageOrder[event.stage] - stageOrder[resume.stage];
      return later > 0 || (later === 0 && event.step > resume.step);
    }
    default:
      return event satisfies never;
  }
}
