import type {
  AssembledMessage,
  Interceptor,
  LlmCall,
  Message,
  Part,
  ReplyEvent,
} from '@holdfast/core'
import { decide } from '../decide.ts'
import { holdReply } from '../held-reply.ts'
import { checkAnswer } from './check-answer.ts'
import type { AnswerIssue, ValidationOptions } from './options.ts'
import { ReplyRejectedError } from './reply-rejected-error.ts'

/**
 * Hands on good answers only.
 *
 * Sees: answers; a stream is held back until it is whole, unless it calls tools and so is no answer yet.
 * Changes: asks again with the answer and what is wrong with it, then another model where one is named.
 * @throws HoldfastError REPLY_REJECTED where no answer was good enough
 */
export function validation(rules: readonly ValidationOptions[]): Interceptor {
  return async function validation(call, next) {
    const rule =
      call.operation === 'chat' ? rules.find(({ when }) => when?.(call) ?? true) : undefined
    if (rule === undefined) return next(call)
    const { maxRetries = 2, fallbackTo } = rule
    let asked = call
    for (let answers = 1; ; answers++) {
      const reply = await next(asked)
      if (reply.failure !== undefined) return reply
      const held = await holdReply(reply, (event) => isNoAnswer(event, rule))
      if (held.answer === undefined) return held.reply
      const issues = await checkAnswer(rule, held.answer, call)
      if (issues.length === 0) return held.reply
      const fallsBack = answers === maxRetries + 1 && fallbackTo !== undefined
      const again = answers <= maxRetries || fallsBack
      told(call, issues, again)
      if (!again) throw new ReplyRejectedError(asked.model, issues, answers)
      asked = fallsBack ? call.with({ model: fallbackTo }) : withFeedback(call, held.answer, issues)
    }
  }
}

function isNoAnswer(event: ReplyEvent, { tool }: ValidationOptions): boolean {
  return event.type === 'tool-call-start' && event.name !== tool
}

function told(call: LlmCall, issues: readonly AnswerIssue[], again: boolean): void {
  decide(call, {
    policy: 'governance.validation',
    verdict: again ? 'warn' : 'deny',
    rule: 'validation.answer',
    reason: `an answer did not pass: ${issues.length} wrong; ${again ? 'asked again' : 'given up'}`,
    subject: { kind: 'model', name: call.model },
  })
}

/** The call once more, with the answer and what is wrong with it. */
function withFeedback(
  call: LlmCall,
  answer: AssembledMessage,
  issues: readonly AnswerIssue[],
): LlmCall {
  const list = issues.map(({ message, path = [] }) =>
    path.length === 0 ? `- ${message}` : `- ${path.join('.')}: ${message}`,
  )
  const feedback = `Your answer was not accepted:\n${list.join('\n')}\nAnswer again, in full, with this put right. Do not speak of the correction.`
  const { request } = call
  const calls: Part[] = answer.toolCalls.map((one) => ({ type: 'tool-call', ...one }))
  const said: Part[] = answer.text === '' ? [] : [{ type: 'text', text: answer.text }]
  // Some providers take no empty message.
  const parts: Part[] =
    said.length + calls.length === 0 ? [{ type: 'text', text: '(no answer)' }] : [...said, ...calls]
  const messages: Message[] = [
    ...request.messages,
    { role: 'assistant', parts },
    ...(calls.length === 0
      ? [{ role: 'user' as const, parts: [{ type: 'text' as const, text: feedback }] }]
      : answer.toolCalls.map(({ id, name }) => rejected(id, name, feedback))),
  ]
  return call.with({ request: { ...request, messages } })
}

/** Each call needs a result. */
function rejected(id: string, name: string, feedback: string): Message {
  const parts = [{ type: 'text' as const, text: feedback }]
  return { role: 'tool', parts: [{ type: 'tool-result', id, name, parts, isError: true }] }
}
