import { offeredTools, turns } from './conversation-reader.ts'
import { members } from './json.ts'
import type { LabRequest } from './request.ts'
import type { Step, StepToolCall } from './script.ts'

/** A tool call of a scripted conversation. */
export type ScriptedCall = Omit<StepToolCall, 'id'>

/** What a scripted agent does. */
export interface ConversationOptions {
  /** The tool calls it makes, one round after the other; a list inside is one round of parallel calls. */
  readonly calls: readonly (ScriptedCall | readonly ScriptedCall[])[]
  /** What it says when all results are there. */
  readonly answer: string
  /** What it thinks before each round. */
  readonly reasoning?: string
}

/**
 * A script that plays an agent's model on any wire: it makes the given tool calls and, when their results stand in the
 * conversation, gives the answer.
 *
 * It keeps no state: what it says depends on the request alone, so retries, restarts and parallel runs are safe. A round
 * whose tools the request does not offer is answered with the text.
 */
export function conversation({
  calls,
  answer,
  reasoning,
}: ConversationOptions): (request: LabRequest) => Step {
  const rounds = calls.map((round) => ('name' in round ? [round] : round))
  return function conversation(request) {
    const done = resultsSoFar(request)
    const round = nextRound(rounds, done)
    const offered = offeredTools(request)
    const thought = reasoning === undefined ? {} : { reasoning }
    if (round === undefined || !round.calls.every(({ name }) => offered.includes(name))) {
      return { ...thought, text: answer }
    }
    return {
      ...thought,
      toolCalls: round.calls.map((call, index) => ({
        ...call,
        // Gemini's calls have no id; the others carry their place, for requests that send only what is new.
        ...(request.wire === 'gemini'
          ? {}
          : { id: `call_lab_${request.callIndex}_${round.start + index}` }),
      })),
    }
  }
}

/**
 * A script for agents that have no native tool calls and ask for ReAct steps as JSON, as KaibanJS does: one JSON object
 * with thought, action and actionInput for each call, then one with finalAnswer.
 */
export function react({
  calls,
  answer,
}: {
  readonly calls: readonly ScriptedCall[]
  readonly answer: string
}): (request: LabRequest) => Step {
  return function react(request) {
    const results = turns(request).filter(
      (turn) => turn.from === 'person' && isToolFeedback(turn.text),
    )
    const call = calls[results.length]
    if (call === undefined) return { text: JSON.stringify({ finalAnswer: answer }) }
    const thought = `I need ${call.name} before I can answer.`
    return {
      text: JSON.stringify({ thought, action: call.name, actionInput: call.arguments }),
    }
  }
}

// The three sentences with which KaibanJS 0.23 reports what became of an action.
function isToolFeedback(text: string): boolean {
  return (
    text.startsWith('You got this result from the tool:') ||
    text.startsWith('An error occurred while using the tool') ||
    /^Hey, the tool .+ does not exist/.test(text)
  )
}

function resultsSoFar(request: LabRequest): number {
  const all = turns(request)
  const asked = all.findLastIndex((turn) => turn.from === 'person')
  const results = all.slice(asked + 1).filter((turn) => turn.from === 'tool')
  const continued = members(request.body)['previous_response_id']
  if (typeof continued !== 'string') return results.length
  // Only what is new was sent: the ids tell how far the conversation is.
  const places = results.flatMap((turn) => {
    const place = /^call_lab_\d+_(\d+)$/.exec(turn.id)?.[1]
    return place === undefined ? [] : [Number(place) + 1]
  })
  return Math.max(0, ...places)
}

function nextRound(
  rounds: readonly (readonly ScriptedCall[])[],
  done: number,
): { readonly start: number; readonly calls: readonly ScriptedCall[] } | undefined {
  let start = 0
  for (const calls of rounds) {
    if (start >= done) return { start, calls }
    start += calls.length
  }
  return undefined
}
