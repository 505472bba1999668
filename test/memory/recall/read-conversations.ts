import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { linesOf } from './lines-of.ts'
import type { Line } from './lines-of.ts'

/** Something that was said. */
export interface SpokenTurn {
  readonly id: string
  readonly session: string
  readonly speaker: string
  readonly atMs: number
  readonly text: string
}

/** Something that is asked, and the ids of the turns that answer it. */
export interface Question {
  readonly text: string
  readonly evidence: readonly string[]
}

export interface Conversation {
  readonly name: string
  readonly turns: readonly SpokenTurn[]
  readonly questions: readonly Question[]
}

/**
 * Reads all `*.jsonl` of a folder: a line is a turn (id, speaker, time, text), a question (question, evidence), or holds
 * lists of them, also by session. Lines belong together by their `conversation`, else by file; `a.turns.jsonl` and `a.questions.jsonl` are one,
 * and so are `turns.jsonl` and `questions.jsonl` of one folder. Questions that belong to no turns are about all of them.
 */
export function readConversations(folder: string): Conversation[] {
  const files = globSync('**/*.jsonl', { cwd: folder }).toSorted()
  const turns = new Map<string, SpokenTurn[]>()
  const questions = new Map<string, Question[]>()
  for (const file of files) {
    const lines = readLines(join(folder, file)).flatMap(linesOf)
    const holdsTurns = lines.some((line) => !isQuestion(line))
    const holdsQuestions = lines.some(isQuestion)
    const stem = basename(file, '.jsonl').replace(
      /(?:^|[-._])(?:turns|questions|qa|sessions?|dialogs?|conversations?)$/i,
      '',
    )
    const usual = holdsTurns && holdsQuestions ? file : join(dirname(file), stem)
    for (const line of lines) {
      const name =
        textOf(line, 'conversation', 'conversation_id', 'conversationId', 'sample_id') ?? usual
      if (isQuestion(line)) push(questions, name, questionOf(line))
      else push(turns, name, turnOf(line, turns.get(name)?.length ?? 0))
    }
  }
  const everything = [...turns.values()].flat()
  return [...questions].map(([name, asked]) => ({
    name,
    turns: turns.get(name) ?? everything,
    questions: asked.filter(({ evidence }) => evidence.length > 0),
  }))
}

function readLines(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Line)
}

function isQuestion(line: Line): boolean {
  return evidenceOf(line) !== undefined || (line['question'] !== undefined && !('text' in line))
}

function evidenceOf(line: Line): readonly unknown[] | undefined {
  const { evidence, evidence_ids: ids = line['evidenceIds'] } = line
  const found = evidence ?? ids
  if (found === undefined) return undefined
  return Array.isArray(found) ? found : [found]
}

function questionOf(line: Line): Question {
  const evidence = (evidenceOf(line) ?? []).flatMap((id) =>
    // Several ids in one text occur in the wild, and objects that have one.
    String((id as { id?: unknown } | null)?.id ?? id).split(/[;,]\s*/),
  )
  return { text: textOf(line, 'question', 'query', 'text') ?? '', evidence }
}

function turnOf(line: Line, before: number): SpokenTurn {
  const time = textOf(line, 'time', 'timestamp', 'at', 'date') ?? ''
  const atMs = /^\d+$/.test(time) ? Number(time) : Date.parse(readable(time))
  return {
    id: textOf(line, 'id', 'turn_id', 'turnId', 'dia_id') ?? `${before + 1}`,
    session: textOf(line, 'session', 'session_id', 'sessionId') ?? '',
    speaker: textOf(line, 'speaker', 'role', 'name') ?? '',
    atMs: Number.isNaN(atMs) ? 0 : atMs,
    text: textOf(line, 'text', 'content', 'message') ?? '',
  }
}

/** `1:56 pm on 8 May, 2023` and `2023/05/20 (Sat) 02:21` as Date.parse takes them. */
function readable(time: string): string {
  return time.replace(/^(.*?) on (.*)$/i, '$2 $1').replace(/\s*\([A-Z][a-z]{2}\)\s*/, ' ')
}

function textOf(line: Line, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = line[name]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
  }
  return undefined
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
