import { STREET_CLASSES } from '../../../../samples/classes';
import { streetScene } from '../../../../samples/streets';
import { type FromBrowser, type ToBrowser, UNKNOWN_CLASS } from '../../../../src/protocol/dataset-browser';

/** A made-up dataset for the sample browser: street scenes, every third of which a check has read. */
const SIZE = [160, 96] as const;
const nameOf = (index: number) => `frankfurt_${String(index).padStart(6, '0')}`;
const classesOf = (index: number) => (index % 2 === 0 ? [0, 1, 2] : [0, 3, 4, 5]);

export function browserAnswers(message: FromBrowser, count: number): ToBrowser[] {
  switch (message.kind) {
    case 'ready':
      return [
        { kind: 'about', dataset: 'folder\n\n/data/streets' },
        {
          kind: 'opened',
          title: 'Folder of images and index PNGs',
          folder: '/data/streets',
          classes: STREET_CLASSES.map(({ name, color }) => ({ name, color: [...color] })),
          splits: [
            { split: 'train', count },
            { split: 'val', count: 3 },
          ],
        },
      ];
    case 'find': {
      const of = message.split === 'train' ? count : 3;
      const found = Array.from({ length: of }, (_, i) => i).filter(
        (i) =>
          nameOf(i).includes(message.name) &&
          (message.classId === null || (i % 3 === 0 && classesOf(i).includes(message.classId))) &&
          (!message.problems || i === 6),
      );
      const known = Math.ceil(of / 3);
      return [
        {
          kind: 'found',
          request: message.request,
          split: message.split,
          indices: Int32Array.from(found).buffer,
          known,
          of,
        },
      ];
    }
    case 'sample': {
      const [width, height] = SIZE;
      const { rgb, label } = streetScene(7, `${message.split}-${message.index}`, width, height);
      const raw = label.slice();
      if (message.index === 6)
        for (let i = 0; i < 400; i++) {
          label[30 * width + i] = UNKNOWN_CLASS;
          raw[30 * width + i] = 77;
        }
      return [
        {
          kind: 'sample',
          split: message.split,
          index: message.index,
          id: nameOf(message.index),
          imageFile: `/data/streets/images/${message.split}/${nameOf(message.index)}.png`,
          labelFile: `/data/streets/labels/${message.split}/${nameOf(message.index)}.png`,
          width,
          height,
          stride: 1,
          image: rgb.slice().buffer as ArrayBuffer,
          label: label.slice().buffer as ArrayBuffer,
          raw: raw.buffer as ArrayBuffer,
          problems:
            message.index === 6
              ? [
                  'Not class ids of this dataset: 77 (400 pixels, first at x=0, y=30). Use ids 0 to 7, and 255.',
                ]
              : [],
        },
      ];
    }
    default:
      return [];
  }
}
