import type { Arm, ShownSample } from './arm';
import { html, type Markup } from './markup';
import { layerTitles, type Picture, type PrintedLayer, type PrintedName, paint } from './picture';
import { methodOf } from './results';

const order: readonly PrintedName[] = [
  'image',
  'label',
  'teacher',
  'student',
  'difficulty',
  'mask',
  'noise',
  'noise2',
];
/** What a method shows of its mechanism beside the networks' answers. */
const mechanism: readonly string[] = order.slice(4);

/** The last sample of every run, and how the student's answer came about. */
export function pictures(arms: readonly Arm[]): Markup {
  const shown = arms.filter((arm) => arm.samples.length > 0);
  if (shown.length === 0) return html``;
  return html`<section><h2>Pictures</h2>
<p class="soft small">Label and answers in class colours over the grey image; dark pixels have no label or are not hard.</p>
<div class="legend">${shown[0]!.manifest.classes.map(
    ({ name, color }) =>
      html`<span><span class="chip" style="background:rgb(${color.join(',')})"></span>${name}</span>`,
  )}</div>
${shown.map(armPictures)}</section>`;
}

function armPictures(arm: Arm): Markup {
  const last = arm.samples.at(-1)!;
  // The earlier stage repeats image, label and teacher; only what it shows of its mechanism is new.
  const earlier = arm.samples.slice(0, -1).map((sample) => ({
    ...sample,
    layers: sample.layers.filter(
      ({ name }) => mechanism.includes(name) && !last.layers.some((layer) => layer.name === name),
    ),
  }));
  const figures = [last, ...earlier].flatMap((sample) =>
    order.map((name) => figure(arm, sample, name, layerTitles[name])),
  );
  return html`<div class="card"><h3>${arm.label}</h3>
<p class="soft small">${methodOf(arm)}, sample ${last.event.id}, ${last.event.stage} step ${last.event.step}</p>
<div class="pictures">${figures}</div>
${
  arm.course.length > 1 &&
  html`<p class="soft small" style="margin:14px 0 6px">How the student learnt it</p>
<div class="strip">${arm.course.map((sample) => figure(arm, sample, 'student', `step ${sample.event.step}`))}</div>`
}
${arm.missing.map((message) => html`<p class="soft small">${message}</p>`)}</div>`;
}

function figure(arm: Arm, sample: ShownSample, name: PrintedName, title: string): Markup {
  const layer = sample.layers.find((l): l is PrintedLayer => l.name === name);
  if (!layer) return html``;
  const image = sample.layers.find((l) => l.name === 'image');
  const picture = paint(layer, image, arm.manifest.classes);
  return html`<figure><img src="${picture.src}" width="${picture.width}" height="${picture.height}" alt="${title}"><figcaption>${title}</figcaption>${explain(picture)}</figure>`;
}

function explain({ ramp, keys }: Picture): Markup {
  return html`${
    ramp &&
    html`<div class="ramp">${ramp.left}<i style="background:linear-gradient(90deg,${ramp.css})"></i>${ramp.right}</div>`
  }${keys?.map(
    ({ color, text }) =>
      html`<div class="ramp"><span class="chip" style="background:rgb(${color.join(',')});margin:0"></span>${text}</div>`,
  )}`;
}
