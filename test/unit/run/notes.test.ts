import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeManifest } from '../../../src/run/manifest';
import { readNotes, updateNotes } from '../../../src/run/notes';
import { createRunFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { manifestOf, temporaryFolder } from './fixtures';

function run(): string {
  const { id, folder } = createRunFolder(temporaryFolder(), 'a');
  writeManifest(folder, manifestOf(id, { status: 'finished' }));
  return folder;
}

test('notes are changed one by one, and lists show them', async () => {
  const folder = run();
  assert.deepEqual(readNotes(folder), { version: 1, starred: false, archived: false, text: '' });
  updateNotes(folder, { starred: true });
  updateNotes(folder, { name: 'better', text: 'with a larger crop' });
  const reader = await RunReader.open(folder);
  const { name, starred, archived, notes } = reader.summary();
  assert.deepEqual([name, starred, archived, notes], ['better', true, false, 'with a larger crop']);
  assert.equal(reader.manifest.name, 'test run', 'the worker’s own file is as it was');

  updateNotes(folder, { name: undefined, archived: true });
  await reader.refresh();
  assert.equal(reader.summary().name, 'test run');
  assert.equal(reader.summary().archived, true);
});

test('notes that cannot be understood hide nothing and are not overwritten', async () => {
  const folder = run();
  writeFileSync(join(folder, 'notes.json'), '{ "text": "half writ');
  assert.equal((await RunReader.open(folder)).summary().name, 'test run');
  updateNotes(folder, { starred: true });
  assert.equal(readNotes(folder).starred, true);
  const [aside] = readdirSync(folder).filter((name) => name.startsWith('notes.json.damaged-'));
  assert.equal(readFileSync(join(folder, aside!), 'utf8'), '{ "text": "half writ');
});

test('a field of a wrong type falls back by itself', () => {
  const folder = run();
  writeFileSync(join(folder, 'notes.json'), JSON.stringify({ starred: 'yes', name: 3, text: 'kept' }));
  assert.deepEqual(readNotes(folder), {
    version: 1,
    name: undefined,
    starred: false,
    archived: false,
    text: 'kept',
  });
});
