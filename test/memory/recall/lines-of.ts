/** A line of a file, or a part of one. */
export type Line = Readonly<Record<string, unknown>>

/**
 * The turns and questions that a line stands for: itself, or what is in its lists, each with what the line says of all of
 * them. The samples of LoCoMo and of LongMemEval are lines too, as they are published.
 */
export function linesOf(line: Line): Line[] {
  if (Array.isArray(line['haystack_sessions'])) return longMemEval(line)
  const { conversation } = line
  if (typeof conversation === 'object' && conversation !== null && !Array.isArray(conversation)) {
    return locomo(line, conversation as Line)
  }
  const { sessions, ...whole } = line
  if (Array.isArray(sessions)) {
    const name = { conversation: conversationOf(line) }
    return [
      ...sessions.flatMap((one: unknown, at) =>
        linesOf({ ...name, ...sessionOf(one, `${at + 1}`) }),
      ),
      ...listsOf({ ...whole, ...name }),
    ]
  }
  return hasLists(line) ? listsOf(line) : [line]
}

const lists = ['turns', 'messages', 'dialogue', 'questions', 'qa'] as const

function hasLists(line: Line): boolean {
  return lists.some((name) => Array.isArray(line[name]))
}

function listsOf(line: Line): Line[] {
  const { id, session = line['session_id'] ?? id, ...rest } = line
  const shared = Object.fromEntries(
    Object.entries({ ...rest, session }).filter(([name]) => !lists.includes(name as never)),
  )
  return lists.flatMap((name) => {
    const list = line[name]
    return Array.isArray(list)
      ? list.map((member: unknown) => ({ ...shared, ...(member as Line) }))
      : []
  })
}

function sessionOf(given: unknown, number: string): Line {
  if (Array.isArray(given)) return { session: number, turns: given }
  const { id, session = id ?? number, ...rest } = given as Line
  return { session: rest['session_id'] ?? session, ...rest }
}

function conversationOf(line: Line): unknown {
  return line['conversation'] ?? line['conversation_id'] ?? line['sample_id'] ?? line['id']
}

/** `session_1`, `session_1_date_time`, …; questions with the ids of turns. https://github.com/snap-research/locomo (2026-11-21) */
function locomo(line: Line, conversation: Line): Line[] {
  const name = { conversation: line['sample_id'] ?? line['id'] }
  const turns = Object.entries(conversation).flatMap(([session, list]) => {
    if (!/^session_\d+$/.test(session) || !Array.isArray(list)) return []
    const time = conversation[`${session}_date_time`]
    return list.map((turn: unknown) => ({ ...name, session, time, ...(turn as Line) }))
  })
  const { qa } = line
  const questions = Array.isArray(qa)
    ? qa.map((one: unknown) => ({ ...name, ...(one as Line) }))
    : []
  return [...turns, ...questions]
}

/** A question with sessions of its own; the turns that answer it are marked. https://github.com/xiaowu0162/LongMemEval (2026-11-21) */
function longMemEval(line: Line): Line[] {
  const name = { conversation: line['question_id'] }
  const ids = (line['haystack_session_ids'] ?? []) as readonly string[]
  const dates = (line['haystack_dates'] ?? []) as readonly unknown[]
  const evidence: string[] = []
  const turns = (line['haystack_sessions'] as readonly (readonly Line[])[]).flatMap((list, at) =>
    list.map((turn, place) => {
      const session = ids[at] ?? `${at + 1}`
      const id = `${session}:${place + 1}`
      if (turn['has_answer'] === true) evidence.push(id)
      return { ...name, session, time: dates[at], ...turn, id }
    }),
  )
  return [...turns, { ...name, question: line['question'], evidence }]
}
