import { type ChatResponse, type GenerateResponse, Ollama } from 'ollama'
import { type Answer, type AnswerToolCall, usage } from './answer.ts'
import type { SdkAnswer } from './sdk.ts'

const question = { model: 'recorded', messages: [{ role: 'user', content: 'Hello' }] }

/** What Ollama's SDK makes of an answer of its own chat. */
export async function ollamaAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new Ollama({ host: baseUrl })
  const answers = streaming
    ? await client.chat({ ...question, stream: true })
    : [await client.chat({ ...question, stream: false })]
  let text = ''
  let reasoning = ''
  let last: ChatResponse | undefined
  const toolCalls: AnswerToolCall[] = []
  for await (const answer of answers) {
    const { content, thinking = '', tool_calls: calls = [] } = answer.message
    text += content
    reasoning += thinking
    for (const call of calls) {
      const { id = '' } = call as { id?: string }
      toolCalls.push({ id, name: call.function.name, arguments: call.function.arguments })
    }
    if (answer.done) last = answer
  }
  return { answer: answerOf(last, { text, reasoning, refusal: '', toolCalls }) }
}

/** What it makes of an answer of its generate. */
export async function generateAnswer(baseUrl: string, streaming: boolean): Promise<SdkAnswer> {
  const client = new Ollama({ host: baseUrl })
  const asked = { model: 'recorded', prompt: 'Hello' }
  const answers = streaming
    ? await client.generate({ ...asked, stream: true })
    : [await client.generate({ ...asked, stream: false })]
  let text = ''
  let reasoning = ''
  let last: GenerateResponse | undefined
  for await (const answer of answers) {
    text += answer.response
    reasoning += answer.thinking ?? ''
    if (answer.done) last = answer
  }
  return { answer: answerOf(last, { text, reasoning, refusal: '', toolCalls: [] }) }
}

function answerOf(
  last: ChatResponse | GenerateResponse | undefined,
  said: Omit<Answer['choices'][number], 'finish'>,
): Answer {
  const { done_reason: finish, prompt_eval_count, eval_count } = last ?? {}
  return {
    choices: [{ ...said, finish }],
    usage: last && usage({ inputTokens: prompt_eval_count, outputTokens: eval_count }),
  }
}
