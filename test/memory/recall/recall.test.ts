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

test('samples of LoCoMo and LongMemEval are read as they are published, one to a line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-recall-'))
  const write = (file: string, line: object) =>
    writeFileSync(join(folder, file), JSON.stringify(line))
  write('locomo.jsonl', {
    sample_id: 'conv-26',
    conversation: {
      speaker_a: 'Ann',
      session_1_date_time: '1:56 pm on 8 May, 2023',
      session_1: [{ speaker: 'Ann', dia_id: 'D1:1', text: 'hi' }],
      session_2: [{ speaker: 'Bo', dia_id: 'D2:1', text: 'a marathon' }],
    },
    qa: [
      { question: 'What did Bo run?', answer: 'a marathon', evidence: ['D2:1'], category: 1 },
      { question: 'Never said?', category: 5, adversarial_answer: 'x', evidence: [] },
    ],
  })
  write('longmemeval.jsonl', {
    question_id: 'q1',
    question: 'Which degree?',
    haystack_session_ids: ['s1', 's2'],
    haystack_dates: ['2023/05/20 (Sat) 02:21', '2023/05/21 (Sun) 10:00'],
    haystack_sessions: [
      [{ role: 'user', content: 'hello' }],
      [
        { role: 'user', content: 'I studied physics', has_answer: true },
        { role: 'assistant', content: 'nice' },
      ],
    ],
    answer_session_ids: ['s2'],
  })
  write('own.jsonl', {
    id: 'c',
    sessions: [
      { session_id: 'x', date: '2026-01-01', turns: [{ id: 't1', speaker: 'A', text: 'yo' }] },
    ],
    questions: [{ question: 'What?', evidence_ids: ['t1'] }, { question: 'No evidence?' }],
  })
  const read = readConversations(folder)
  const short = read.map(({ name, turns, questions }) => ({
    name,
    turns: turns.map(({ id, session, speaker, text }) => [id, session, speaker, text].join('|')),
    at: new Date(turns[0]?.atMs ?? 0).getFullYear(),
    questions: questions.map(({ text, evidence }) => [text, ...evidence]),
  }))
  expect(short).toEqual([
    {
      name: 'conv-26',
      turns: ['D1:1|session_1|Ann|hi', 'D2:1|session_2|Bo|a marathon'],
      at: 2023,
      questions: [['What did Bo run?', 'D2:1']],
    },
    {
      name: 'q1',
      turns: ['s1:1|s1|user|hello', 's2:1|s2|user|I studied physics', 's2:2|s2|assistant|nice'],
      at: 2023,
      questions: [['Which degree?', 's2:1']],
    },
    { name: 'c', turns: ['t1|x|A|yo'], at: 2026, questions: [['What?', 't1']] },
  ])
  rmSync(folder, { recursive: true })
})
