import { count, percent } from '../model/format';
import type { Evaluation } from '../model/run-model';
import { csv, json, type TextTable } from '../model/table-text';
import { rgbText } from '../paint/color';
import { el, setText, swatch } from '../ui/dom';
import { post } from '../ui/host';
import { t } from '../ui/l10n';
import { button } from '../ui/toolkit';
import { confusionTable, confusionView } from './confusion';
import type { Scene, View } from './view';

type SortKey = 'class' | 'student' | 'teacher' | 'gap';
interface Row {
  id: number;
  name: string;
  color: string;
  student: number | null;
  teacher: number | null;
  gap: number | null;
}

/** IoU of every class in the latest evaluations, student beside teacher; a click on a heading sorts. */
export class Classes implements View {
  readonly root: HTMLElement;
  readonly #note = el('p', { class: 'hint' });
  readonly #table = el('table', { class: 'iou-table' });
  readonly #confusion = el('div', { class: 'confusions' });
  readonly #tools: HTMLElement;
  readonly #empty = el('p', { class: 'empty' }, t('Not evaluated yet.'));
  #sort: { key: SortKey; down: boolean } = { key: 'class', down: false };
  #scene: Scene | undefined;
  #shown = '';

  constructor() {
    const offer = (label: string, title: string, save: () => void) => button(label, { title, onClick: save });
    this.#tools = el(
      'div',
      { class: 'toolbar' },
      offer('CSV', t('Save the scores of the classes as CSV'), () =>
        this.#save('classes.csv', csv(this.#scores())),
      ),
      offer('JSON', t('Save the scores of the classes as JSON'), () =>
        this.#save('classes.json', json(this.#scores())),
      ),
      offer(t('Confusion CSV'), t('Save the confusion matrix in pixels as CSV'), () =>
        this.#saveConfusion('csv'),
      ),
      offer(t('Confusion JSON'), t('Save the confusion matrix in pixels as JSON'), () =>
        this.#saveConfusion('json'),
      ),
    );
    this.root = el(
      'section',
      { class: 'classes-tab' },
      this.#empty,
      this.#note,
      this.#tools,
      this.#table,
      this.#confusion,
    );
  }

  render(scene: Scene): void {
    this.#scene = scene;
    const { model, classes } = scene;
    const student = model.latest('student');
    const teacher = model.latest('teacher');
    const shape = JSON.stringify([student?.x, student?.miou, teacher?.x, teacher?.miou, classes, this.#sort]);
    if (shape === this.#shown) return;
    this.#shown = shape;
    this.#empty.hidden = !!(student ?? teacher);
    this.#table.hidden = this.#tools.hidden = !(student ?? teacher);
    const names = classes.map(({ name }) => name);
    this.#confusion.replaceChildren(
      ...[student, teacher].flatMap((evaluation) => (evaluation ? confusionView(evaluation, names) : [])),
    );
    setText(
      this.#note,
      [describe(t('Student'), student), describe(t('Teacher'), teacher)].filter(Boolean).join('  ·  '),
    );
    const rows = this.#sorted(
      classes.map((c, id) => {
        const [s, t] = [student?.iou[id] ?? null, teacher?.iou[id] ?? null];
        return {
          id,
          name: c.name,
          color: rgbText(c.color),
          student: s,
          teacher: t,
          gap: s !== null && t !== null ? s - t : null,
        };
      }),
    );
    const both = !!student && !!teacher;
    this.#table.replaceChildren(
      el('caption', { class: 'visually-hidden' }, t('Intersection over union per class, in percent')),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          this.#head('class', t('Class')),
          student ? this.#head('student', t('Student IoU')) : null,
          teacher ? this.#head('teacher', t('Teacher IoU')) : null,
          both ? this.#head('gap', t('Difference'), 'gap') : null,
        ),
      ),
      el('tbody', {}, ...rows.map((row) => bodyRow(row, !!student, !!teacher))),
      el(
        'tfoot',
        {},
        foot('mIoU', student?.miou, teacher?.miou, !!student, !!teacher),
        foot(
          t('mIoU, absent classes skipped'),
          student?.miouPresent,
          teacher?.miouPresent,
          !!student,
          !!teacher,
        ),
        foot(t('Pixel accuracy'), student?.pixelAccuracy, teacher?.pixelAccuracy, !!student, !!teacher),
      ),
    );
  }

  #scores(): TextTable {
    const { model, classes } = this.#scene!;
    const [student, teacher] = [model.latest('student'), model.latest('teacher')];
    return {
      heads: [t('class'), t('student IoU'), t('teacher IoU')],
      rows: [
        ...classes.map(({ name }, id) => [name, student?.iou[id], teacher?.iou[id]]),
        ['mIoU', student?.miou, teacher?.miou],
      ],
    };
  }

  #saveConfusion(kind: 'csv' | 'json'): void {
    const { model, classes } = this.#scene!;
    const evaluation = model.latest('student') ?? model.latest('teacher');
    if (!evaluation) return;
    const names = classes.map(({ name }) => name);
    const table = confusionTable(evaluation, names);
    this.#save(`confusion-${evaluation.role}.${kind}`, kind === 'csv' ? csv(table) : json(table));
  }

  #save(name: string, data: string): void {
    post({ kind: 'save', name, data });
  }

  #head(key: SortKey, label: string, style?: string): HTMLElement {
    const active = this.#sort.key === key;
    return el(
      'th',
      {
        class: style,
        scope: 'col',
        'aria-sort': active ? (this.#sort.down ? 'descending' : 'ascending') : 'none',
      },
      el(
        'button',
        {
          class: 'sort',
          onclick: () => {
            this.#sort = { key, down: active ? !this.#sort.down : key !== 'class' };
            this.render(this.#scene!);
            this.#table.querySelector<HTMLElement>(`[aria-sort$="scending"] button`)?.focus();
          },
        },
        label,
        el(
          'span',
          { class: 'sort-arrow', 'aria-hidden': 'true' },
          active ? (this.#sort.down ? '↓' : '↑') : '',
        ),
      ),
    );
  }

  /** Classes without a value stay last, whichever way it is sorted. */
  #sorted(rows: Row[]): Row[] {
    const { key, down } = this.#sort;
    const sign = down ? -1 : 1;
    if (key === 'class') return down ? rows.reverse() : rows;
    return rows.sort((a, b) => {
      const [x, y] = [a[key], b[key]];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return sign * (x - y);
    });
  }
}

function describe(label: string, evaluation: Evaluation | undefined): string {
  if (!evaluation) return '';
  const [step, images] = [count(evaluation.step), count(evaluation.images)];
  return evaluation.stage === 'teacher'
    ? t('{0}: step {1} of the teacher stage, {2} images', label, step, images)
    : t('{0}: step {1} of the student stage, {2} images', label, step, images);
}

function bodyRow(row: Row, student: boolean, teacher: boolean): HTMLElement {
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, swatch(row.color), row.name),
    student ? bar(row.student, 'student') : null,
    teacher ? bar(row.teacher, 'teacher') : null,
    student && teacher ? gap(row.gap) : null,
  );
}

function bar(value: number | null, role: 'student' | 'teacher'): HTMLElement {
  const fill = el('span', { class: `bar-fill ${role}` });
  fill.style.width = `${(value ?? 0) * 100}%`;
  const title =
    value === null ? t('The class occurs neither in the labels nor in the predictions') : undefined;
  return el(
    'td',
    { title },
    el(
      'span',
      { class: 'bar-cell' },
      el('span', { class: 'bar', 'aria-hidden': 'true' }, fill),
      el('span', { class: 'figure' }, percent(value)),
    ),
  );
}

function gap(value: number | null): HTMLElement {
  const text = value === null ? '–' : `${value > 0 ? '+' : value < 0 ? '−' : ''}${percent(Math.abs(value))}`;
  return el('td', { class: 'gap' }, text);
}

function foot(
  label: string,
  student: number | undefined,
  teacher: number | undefined,
  hasStudent: boolean,
  hasTeacher: boolean,
): HTMLElement {
  const cell = (value: number | undefined) =>
    el(
      'td',
      {},
      el(
        'span',
        { class: 'bar-cell' },
        el('span', { class: 'bar none' }),
        el('span', { class: 'figure' }, percent(value)),
      ),
    );
  const difference = student !== undefined && teacher !== undefined ? student - teacher : null;
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, label),
    hasStudent ? cell(student) : null,
    hasTeacher ? cell(teacher) : null,
    hasStudent && hasTeacher ? gap(difference) : null,
  );
}
