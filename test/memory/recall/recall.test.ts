import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { holdfast, miniSearch, plainFts5 } from './engines.ts'
import { hashingEmbedder } from './hashing-embedder.ts'
import { isAsGood, measure } from './measure.ts'
import { readConversations } from './read-conversations.ts'

test('a recall finds at least as much as plain FTS5 and MiniSearch, in every conversation', async () => {
  const conversations = readConversations(join(import.meta.dirname, 'conversations'))
  expect(conversations).toHaveLength(5)
  for (const conversation of conversations) {
    const [words, hybrid, ...peers] = await Promise.all(
      [holdfast('words'), holdfast('hybrid', hashingEmbedder), plainFts5, miniSearch].map(
        (engine) => measure(engine, [conversation]),
      ),
    )
    for (const peer of peers) {
      expect([words, hybrid].map((one) => one !== undefined && isAsGood(one, peer))).toEqual([
        true,
        true,
      ])
    }
  }
})

test('conversations are read in the ways that people write them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-recall-'))
  const write = (file: string, ...lines: object[]) => {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), lines.map((line) => JSON.stringify(line)).join('\n'))
  }
  const turn = { id: 'a', speaker: 'Nora', time: '2026-03-02T09:00:00Z', text: 'hi' }
  write('one.jsonl', { session: 's1', ...turn }, { question: 'what?', evidence: ['a'] })
  write('two/turns.jsonl', { conversation: 'c', ...turn }, { conversation: 'd', ...turn })
  write('two/questions.jsonl', { conversation: 'd', query: 'who?', evidence_ids: 'a; b' })
  write('three/turns.jsonl', { session: 's', turns: [turn, { ...turn, id: 'b' }] })
  write(
    'three/questions.jsonl',
    { question: 'when?', evidence: [] },
    { question: 'how?', evidence: ['b'] },
  )
  const read = readConversations(folder)
  expect(
    read.map(({ turns, questions }) => [
      turns.map(({ id, session }) => `${session}/${id}`),
      questions.map(({ text, evidence }) => [text, ...evidence]),
    ]),
  ).toEqual([
    [['s1/a'], [['what?', 'a']]],
    [['s/a', 's/b'], [['how?', 'b']]],
    [['/a'], [['who?', 'a', 'b']]],
  ])
  rmSync(folder, { recursive: true })
})
