import type { Answer, AnswerUsage, Finish } from '../answer.ts'
import { cutText } from '../answer.ts'
import type { Mark, Part } from '../move.ts'
import type { Random } from '../random.ts'
import { geminiErrors } from './gemini-errors.ts'
import type { Asked, Wire } from './wire.ts'

/** Gemini generateContent and streamGenerateContent, on the Gemini API and on Vertex. */
export const gemini: Wire = {
  headers: (asked, random) => ({
    'content-type':
      asked.streaming && asked.framing === 'sse'
        ? 'text/event-stream'
        : 'application/json; charset=UTF-8',
    server: 'scaffolding on HTTPServer2',
    'server-timing': `gfet4t7; dur=${60 + Math.floor(random.next() * 900)}`,
    vary: 'Origin, X-Origin, Referer',
    'x-content-type-options': 'nosniff',
  }),
  whole: (answer) => `${JSON.stringify(wholeBody(answer), null, 2)}\n`,
  stream,
  error: (kind, context) => {
    const error = geminiErrors[kind](context)
    return {
      status: error.code,
      // A refused stream is labelled as a stream although its body is JSON.
      headers: gemini.headers(context.asked, context.random),
      body: `${JSON.stringify(context.asked.framing === 'sse' ? { error } : [{ error }], null, 2)}\n`,
    }
  },
  errorEvent: (kind, context) => framed({ error: geminiErrors[kind](context) }, context.asked),
  errorInChunk: (kind, context) => {
    const candidates = [{ content: { role: 'model' }, index: 0 }]
    return framed({ candidates, error: geminiErrors[kind](context) }, context.asked)
  },
  keepAlive: (asked) => (asked.framing === 'sse' ? ': keep-alive\r\n\r\n' : '\r\n'),
  // Google has no rate-limit headers: what it says, it says in the body.
  rateLimitHeaders: () => ({}),
}

function wholeBody(answer: Answer): object {
  const parts: object[] = []
  const signature = answer.reasoning === '' ? {} : { thoughtSignature: signatureOf(answer.random) }
  if (answer.reasoning !== '') parts.push({ text: answer.reasoning, thought: true })
  if (answer.text !== '') parts.push({ text: answer.text })
  for (const [index, call] of answer.toolCalls.entries()) {
    parts.push({ ...functionCall(call), ...(index === 0 ? signature : {}) })
  }
  return {
    ...candidates(answer, parts, true),
    ...(answer.usage === undefined ? {} : { usageMetadata: usage(answer.usage) }),
    ...identity(answer),
  }
}

function stream(answer: Answer, asked: Asked): Part[] {
  const ids = identity(answer)
  const counts = answer.usage
  const pieces: { mark: Mark; body: object }[] = []
  const push = (mark: Mark, parts: readonly object[], last = false): void => {
    const usageMetadata =
      counts === undefined ? {} : { usageMetadata: last ? usage(counts) : startUsage(counts) }
    pieces.push({ mark, body: { ...candidates(answer, parts, last), ...usageMetadata, ...ids } })
  }

  if (answer.candidates === 'one') {
    for (const text of cutText(answer.reasoning, answer.chunks)) {
      push('content', [{ text, thought: true }])
    }
    for (const text of cutText(answer.text, answer.chunks)) push('content', [{ text }])
    const signature =
      answer.reasoning === '' ? {} : { thoughtSignature: signatureOf(answer.random) }
    for (const [index, call] of answer.toolCalls.entries()) {
      push('content', [{ ...functionCall(call), ...(index === 0 ? signature : {}) }])
    }
  }
  push('finish', answer.finish === 'malformed-function-call' ? [] : [{ text: '' }], true)

  if (asked.framing === 'sse') {
    return pieces.map(({ mark, body }) => ({ mark, text: framed(body, asked) }))
  }
  const parts = pieces.map(({ mark, body }, index) => ({
    mark,
    text: `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(body, null, 2)}\n`,
  }))
  return [...parts, { mark: 'terminal', text: ']' }]
}

function candidates(answer: Answer, parts: readonly object[], last: boolean): object {
  if (answer.candidates === 'none') return {}
  if (answer.candidates === 'blocked') {
    return { promptFeedback: { blockReason: 'SAFETY', safetyRatings: safetyRatings() } }
  }
  const filtered = answer.finish === 'content-filter' || answer.finish === 'refusal'
  return {
    candidates: [
      {
        content: { ...(parts.length > 0 ? { parts } : {}), role: 'model' },
        ...(last ? { finishReason: finishReason(answer.finish) } : {}),
        index: 0,
        ...(last && filtered ? { safetyRatings: safetyRatings() } : {}),
        ...(last && answer.finish === 'malformed-function-call'
          ? { finishMessage: 'Malformed function call: print(default_api.search(query="' }
          : {}),
      },
    ],
  }
}

function functionCall(call: Answer['toolCalls'][number]): object {
  const id = call.id === undefined ? {} : { id: call.id }
  return { functionCall: { name: call.name, args: call.arguments, ...id } }
}

function identity(answer: Answer): object {
  return { modelVersion: answer.model, responseId: answer.random.word(23) }
}

function signatureOf(random: Random): string {
  return `ClgBEU0y${random.word(118)}==`
}

function safetyRatings(): object[] {
  return [
    { category: 'HARM_CATEGORY_HATE_SPEECH', probability: 'NEGLIGIBLE' },
    { category: 'HARM_CATEGORY_DANGEROUS_CONTENT', probability: 'HIGH', blocked: true },
  ]
}

function finishReason(finish: Finish): string {
  switch (finish) {
    case 'length':
      return 'MAX_TOKENS'
    case 'content-filter':
      return 'SAFETY'
    case 'refusal':
      return 'PROHIBITED_CONTENT'
    case 'recitation':
      return 'RECITATION'
    case 'malformed-function-call':
      return 'MALFORMED_FUNCTION_CALL'
    case 'unknown':
      return 'LAB_UNHEARD_OF'
    default:
      return 'STOP'
  }
}

// Google counts thoughts apart from candidates.
function usage(counts: AnswerUsage): object {
  return {
    ...startUsage(counts),
    candidatesTokenCount: counts.outputTokens - counts.reasoningTokens,
    totalTokenCount: counts.inputTokens + counts.outputTokens,
    ...(counts.reasoningTokens > 0 ? { thoughtsTokenCount: counts.reasoningTokens } : {}),
  }
}

function startUsage(counts: AnswerUsage): object {
  return {
    promptTokenCount: counts.inputTokens,
    totalTokenCount: counts.inputTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: counts.inputTokens }],
    ...(counts.cachedInputTokens > 0 ? { cachedContentTokenCount: counts.cachedInputTokens } : {}),
  }
}

function framed(body: object, asked: Asked): string {
  if (asked.framing === 'sse') return `data: ${JSON.stringify(body)}\r\n\r\n`
  return `,\r\n${JSON.stringify(body, null, 2)}\n`
}
