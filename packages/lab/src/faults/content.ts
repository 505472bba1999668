import type { Answer, AnswerToolCall } from '../answer.ts'
import { members } from '../json.ts'
import type { FaultContext, FaultDefinition } from './definition.ts'

/** Faults of an answer that arrives whole and says something wrong. */
export type ContentFault =
  | 'filtered-finish'
  | 'recitation'
  | 'refusal'
  | 'prompt-blocked'
  | 'malformed-function-call'
  | 'empty-choices'
  | 'empty-answer'
  | 'length-cut'
  | 'length-cut-tool-call'
  | 'malformed-tool-arguments'
  | 'empty-tool-arguments'
  | 'unknown-tool'
  | 'duplicate-tool-ids'
  | 'empty-tool-id'
  | 'usage-missing'
  | 'unknown-finish-reason'

/** Their definitions. */
export const contentFaults: Readonly<Record<ContentFault, FaultDefinition>> = {
  'filtered-finish': {
    title: 'the answer was stopped by the content filter',
    row: 17,
    answer: (answer) => ({
      ...answer,
      text: firstHalf(answer.text),
      toolCalls: [],
      finish: 'content-filter',
    }),
  },
  recitation: {
    title: 'the answer was stopped because it recites its training data',
    row: 17,
    answer: (answer) => ({
      ...answer,
      text: firstHalf(answer.text),
      toolCalls: [],
      finish: 'recitation',
    }),
  },
  refusal: {
    title: 'the model refuses',
    row: 17,
    answer: (answer) => ({
      ...answer,
      text: '',
      refusal: "I'm sorry, but I can't help with that.",
      toolCalls: [],
      finish: 'refusal',
    }),
  },
  'prompt-blocked': {
    title: 'the prompt was blocked, with status 200',
    row: 17,
    wires: ['gemini'],
    answer: (answer) => ({ ...answer, candidates: 'blocked' }),
  },
  'malformed-function-call': {
    title: 'the model wrote a tool call that the provider could not read',
    row: 18,
    answer: (answer) => ({ ...answer, text: '', toolCalls: [], finish: 'malformed-function-call' }),
  },
  'empty-choices': {
    title: '200 with no choice, candidate, item or block at all',
    row: 18,
    answer: (answer) => ({
      ...answer,
      text: '',
      toolCalls: [],
      candidates: 'none',
      finish: 'stop',
    }),
  },
  'empty-answer': {
    title: '200 with an answer that says nothing and ends well',
    row: 18,
    answer: (answer) => ({ ...answer, text: '', reasoning: '', toolCalls: [], finish: 'stop' }),
  },
  'length-cut': {
    title: 'the text was cut by the token limit',
    row: 20,
    answer: (answer) => ({
      ...answer,
      text: firstHalf(answer.text),
      toolCalls: [],
      finish: 'length',
    }),
  },
  'length-cut-tool-call': {
    title: 'a tool call was cut by the token limit',
    row: 20,
    answer: (answer, context) => ({
      ...answer,
      ...withLastCall(answer, context, cutCall),
      finish: 'length',
    }),
  },
  'malformed-tool-arguments': {
    title: 'a tool call whose arguments are no JSON ends well',
    row: 21,
    answer: (answer, context) => ({
      ...answer,
      ...withLastCall(answer, context, (call) => {
        // Unescaped quotes inside a string, as weaker models write them.
        const argumentsText = `{"note": "the "quoted" word", ${call.argumentsText.slice(1)}`
        return { ...call, argumentsText, arguments: argumentsText }
      }),
    }),
  },
  'empty-tool-arguments': {
    title: 'a tool call without any arguments text ends well',
    row: 21,
    answer: (answer, context) => ({
      ...answer,
      ...withLastCall(answer, context, (call) => ({ ...call, argumentsText: '', arguments: {} })),
    }),
  },
  'unknown-tool': {
    title: 'a call of a tool that was not offered',
    row: 21,
    answer: (answer, context) => ({
      ...answer,
      ...withLastCall(answer, context, (call) => ({ ...call, name: `${call.name}_of_the_lab` })),
    }),
  },
  'duplicate-tool-ids': {
    title: 'two tool calls share one id',
    row: 22,
    answer: (answer, context) => {
      const { toolCalls, finish } = withLastCall(answer, context, (call) => call)
      const last = toolCalls.at(-1)
      if (last === undefined) return answer
      const calls = toolCalls.length > 1 ? toolCalls : [last, last]
      const id = last.id ?? `call_${context.random.word(24)}`
      return { ...answer, finish, toolCalls: calls.map((call) => ({ ...call, id })) }
    },
  },
  'empty-tool-id': {
    title: 'a tool call with an empty id',
    row: 22,
    answer: (answer, context) => ({
      ...answer,
      ...withLastCall(answer, context, (call) => ({ ...call, id: '' })),
    }),
  },
  'usage-missing': {
    title: 'no usage at all',
    row: 0,
    answer: (answer) => ({ ...answer, usage: undefined }),
  },
  'unknown-finish-reason': {
    title: 'a finish reason that nobody has heard of',
    row: 0,
    wires: ['openai-chat', 'anthropic-messages', 'gemini'],
    answer: (answer) => ({ ...answer, finish: 'unknown' }),
  },
}

function firstHalf(text: string): string {
  const characters = Array.from(text)
  return characters.slice(0, Math.ceil(characters.length / 2)).join('')
}

/** Changes the last tool call; an answer without one calls a tool that the request offers. */
function withLastCall(
  answer: Answer,
  context: FaultContext,
  change: (call: AnswerToolCall) => AnswerToolCall,
): Pick<Answer, 'toolCalls' | 'finish'> {
  const calls = answer.toolCalls.length > 0 ? answer.toolCalls : [someCall(context)]
  return {
    toolCalls: calls.map((call, index) => (index === calls.length - 1 ? change(call) : call)),
    finish: 'tool-calls',
  }
}

function someCall({ offeredTools }: FaultContext): AnswerToolCall {
  const query = { query: 'what the lab asks for', limit: 10 }
  return {
    id: undefined,
    name: offeredTools[0] ?? 'search',
    arguments: query,
    argumentsText: JSON.stringify(query),
  }
}

// What was written before the limit: half the JSON, and on wires that send objects the members that were complete.
function cutCall(call: AnswerToolCall): AnswerToolCall {
  const argumentsText = call.argumentsText.slice(0, Math.ceil(call.argumentsText.length / 2))
  const written = Object.entries(members(call.arguments))
  const whole = written.slice(0, Math.floor(written.length / 2))
  return { ...call, argumentsText, arguments: Object.fromEntries(whole) }
}
