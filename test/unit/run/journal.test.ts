import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../../src/protocol/events';
import { JournalTail, JournalWriter, readJournal } from '../../../src/run/journal';
import { stage, step, temporaryFolder } from './fixtures';

function written(events: RunEvent[]): { folder: string; file: string } {
  const folder = temporaryFolder();
  const writer = new JournalWriter(folder);
  for (const event of events) writer.append(event);
  writer.flush();
  writer.close();
  return { folder, file: join(folder, 'journal.jsonl') };
}

test('what is appended is read back in order', async () => {
  const events = [stage('student'), step(1), step(2)];
  const { folder } = written(events);
  assert.deepEqual(await readJournal(folder), { events, damaged: 0, unknown: 0 });
});

test('a torn last line is not read, and is cut when the journal is opened again', async () => {
  const { folder, file } = written([step(1), step(2), step(3)]);
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 7);
  assert.deepEqual((await readJournal(folder)).events, [step(1), step(2)]);
  const writer = new JournalWriter(folder);
  writer.append(step(4));
  writer.close();
  assert.deepEqual(await readJournal(folder), {
    events: [step(1), step(2), step(4)],
    damaged: 0,
    unknown: 0,
  });
});

test('opening again leaves a whole journal as it is, to the byte', () => {
  const { folder, file } = written([step(1), step(2)]);
  const before = readFileSync(file);
  new JournalWriter(folder).close();
  assert.deepEqual(readFileSync(file), before);
});

test('a torn line longer than the search buffer is cut to the last newline', async () => {
  const { folder, file } = written([step(1)]);
  appendFileSync(file, `{"kind":"warning","message":"${'x'.repeat(200_000)}`);
  new JournalWriter(folder).close();
  const line = `${JSON.stringify(step(1))}\n`;
  assert.equal(readFileSync(file, 'utf8'), line);
});

test('a journal that is one torn line becomes empty', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'journal.jsonl');
  writeFileSync(file, '{"kind":"st');
  new JournalWriter(folder).close();
  assert.equal(readFileSync(file, 'utf8'), '');
});

test('damaged lines in the middle and events from the future are passed over and counted', async () => {
  const folder = temporaryFolder();
  const lines = [
    JSON.stringify(step(1)),
    '{"kind":"step","at":', // torn by an older crash
    '\u0000\u0000\u0000',
    '{"kind":"step","at":1}', // fields missing
    '{"kind":"hologram","at":1}', // unknown to this version
    '42',
    '',
    JSON.stringify(step(2)),
  ];
  writeFileSync(join(folder, 'journal.jsonl'), `${lines.join('\n')}\n`);
  assert.deepEqual(await readJournal(folder), { events: [step(1), step(2)], damaged: 4, unknown: 1 });
});

test('unknown fields of known events do not hinder', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'journal.jsonl'), `${JSON.stringify({ ...step(1), colour: 'green' })}\n`);
  assert.deepEqual((await readJournal(folder)).events, [step(1)]);
});

test('a tail gives each event once, however the bytes arrive', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'journal.jsonl');
  const events: RunEvent[] = [step(1), { kind: 'warning', at: 1, message: 'Gefälle ↓ 100 €' }, step(2)];
  const bytes = Buffer.from(events.map((e) => `${JSON.stringify(e)}\n`).join(''));
  const tail = new JournalTail(folder);
  assert.deepEqual(await tail.read(), []);
  const seen: RunEvent[] = [];
  for (let i = 0; i < bytes.length; i += 11) {
    appendFileSync(file, bytes.subarray(i, i + 11));
    seen.push(...(await tail.read()));
  }
  assert.deepEqual(seen, events);
  assert.equal(tail.offset, bytes.length);
  assert.deepEqual(await tail.read(), []);
});

test('a tail goes on from an offset', async () => {
  const { folder } = written([step(1), step(2)]);
  const first = new JournalTail(folder);
  await first.read();
  const writer = new JournalWriter(folder);
  writer.append(step(3));
  writer.close();
  assert.deepEqual(await new JournalTail(folder, first.offset).read(), [step(3)]);
});

test('a journal larger than the read buffer comes through whole', async () => {
  const events = Array.from({ length: 12_000 }, (_, i) => step(i + 1));
  const { folder, file } = written(events);
  assert.ok(readFileSync(file).length > 1024 * 1024);
  assert.deepEqual((await readJournal(folder)).events, events);
});
