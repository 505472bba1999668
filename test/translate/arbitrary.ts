import type {
  FinishReason,
  LlmRequest,
  Message,
  Part,
  ReplyEvent,
  ToolChoice,
  ToolDefinition,
} from '@holdfast/core'
import * as fc from 'fast-check'

const word = fc.stringMatching(/^[a-zäß]{1,12}$/)
/** Texts as people and machines write them: other scripts, markup, JSON, blanks, nothing. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.json({ maxDepth: 1 }),
  word,
)
const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('base64'))
/** Ids of every provider, and such that several of them refuse. */
const id = fc.oneof(
  fc.stringMatching(/^(call|toolu|fc)_[A-Za-z0-9]{8,24}$/),
  fc.constantFrom('', 'functions.weather:0', 'a b', '☃', 'same', 'x'.repeat(70)),
)
const toolName = fc.constantFrom('weather', 'add_numbers', 'look-up')
const json = fc
  .dictionary(word, fc.oneof(word, fc.integer(), fc.boolean()), { maxKeys: 3 })
  .map((value) => JSON.stringify(value))

const textPart: fc.Arbitrary<Part> = text.map((said) => ({ type: 'text', text: said }))
const mediaPart: fc.Arbitrary<Part> = fc.oneof(
  base64.map((data): Part => ({ type: 'media', kind: 'image', mediaType: 'image/png', data })),
  base64.map((data): Part => ({
    type: 'media',
    kind: 'document',
    mediaType: 'application/pdf',
    data,
  })),
  base64.map((data): Part => ({ type: 'media', kind: 'audio', mediaType: 'audio/wav', data })),
  word.map((name): Part => ({
    type: 'media',
    kind: 'image',
    url: `https://example.com/${name}.png`,
  })),
  word.map((name): Part => ({
    type: 'media',
    kind: 'document',
    url: `https://example.com/${name}.pdf`,
  })),
  word.map((name): Part => ({ type: 'media', kind: 'image', fileId: name })),
)
const callPart = fc.record({
  id,
  name: toolName,
  arguments: fc.oneof(json, fc.constantFrom('', 'null', '{"cut')),
})
const resultPart = fc.record({
  id,
  parts: fc.array(fc.oneof({ weight: 4, arbitrary: textPart }, mediaPart), { maxLength: 2 }),
  isError: fc.boolean(),
})

const message: fc.Arbitrary<Message> = fc.oneof(
  fc
    .array(fc.oneof({ weight: 3, arbitrary: textPart }, mediaPart), { maxLength: 3 })
    .map((parts): Message => ({ role: 'user', parts })),
  text.map((said): Message => ({
    role: 'user',
    parts: [{ type: 'text', text: said }],
    extra: { role: 'system' },
  })),
  fc
    .record({
      said: fc.array(
        fc.oneof(textPart, fc.constant<Part>({ type: 'reasoning', text: 'hm', signature: 'sig' })),
        { maxLength: 2 },
      ),
      calls: fc.array(callPart, { maxLength: 3 }),
      refusal: fc.option(word),
    })
    .map(({ said, calls, refusal }): Message => ({
      role: 'assistant',
      parts: [
        ...said,
        ...(refusal === null ? [] : [{ type: 'refusal', text: refusal } as const]),
        ...calls.map((call) => ({ type: 'tool-call', ...call }) as const),
      ],
    })),
  fc.array(resultPart, { minLength: 1, maxLength: 2 }).map((results): Message => ({
    role: 'tool',
    parts: results.map((result) => ({ type: 'tool-result', ...result })),
  })),
)

/** Conversations in any order; some of their calls get the results that belong to them. */
const messages = fc.array(message, { maxLength: 6 }).chain((list) =>
  fc.array(fc.boolean(), { minLength: list.length, maxLength: list.length }).map((answered) =>
    list.flatMap((one, at): Message[] => {
      const calls = one.parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
      if (calls.length === 0 || answered[at] !== true) return [one]
      const results = calls.map(({ id, name }): Part => {
        const parts = [{ type: 'text', text: `result of ${name}` } as const]
        return { type: 'tool-result', id, name, parts }
      })
      return [one, { role: 'tool', parts: results }]
    }),
  ),
)

const tool: fc.Arbitrary<ToolDefinition> = fc
  .record({ name: toolName, description: word, strict: fc.boolean() })
  .map((base) => ({
    ...base,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', minLength: 1 } },
      required: ['city'],
      additionalProperties: false,
    },
  }))

const settings = fc.record(
  {
    toolChoice: fc.constantFrom<ToolChoice>('auto', 'none', 'required', { name: 'weather' }),
    parallelToolCalls: fc.boolean(),
    maxOutputTokens: fc.integer({ min: 1, max: 4000 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    topK: fc.integer({ min: 1, max: 40 }),
    stopSequences: fc.array(word, { maxLength: 6 }),
    seed: fc.integer(),
    frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    reasoning: fc.oneof(
      fc.record({
        effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
      }),
      fc.record({ budgetTokens: fc.integer({ min: -1, max: 70_000 }) }),
    ),
    output: fc.constantFrom(
      { type: 'text' } as const,
      { type: 'json' } as const,
      {
        type: 'json-schema',
        name: 'answer',
        schema: {
          type: 'object',
          properties: { n: { type: 'number', minimum: 1 } },
          required: ['n'],
        },
      } as const,
    ),
    user: word,
    metadata: fc.dictionary(word, word, { maxKeys: 2 }),
  },
  { requiredKeys: [] },
)

/** Any request in neutral form. */
export const anyRequest: fc.Arbitrary<LlmRequest> = fc
  .record({
    system: fc.array(textPart, { maxLength: 2 }),
    messages,
    tools: fc.uniqueArray(tool, { maxLength: 3, selector: ({ name }) => name }),
    stream: fc.boolean(),
    settings,
  })
  .map(({ settings: set, ...request }) => ({ model: 'asked', ...request, ...set, extra: {} }))

const reason = fc.constantFrom<FinishReason>(
  'stop',
  'length',
  'tool-calls',
  'content-filter',
  'refusal',
)
const count = fc.integer({ min: 0, max: 5000 })

/** Any reply that came to its end, as one provider or another may tell it. */
export const anyReply: fc.Arbitrary<ReplyEvent[]> = fc
  .record({
    id: fc.option(word),
    said: fc.array(
      fc.oneof(
        fc
          .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
          .map((piece): ReplyEvent => ({ type: 'text-delta', choice: 0, text: piece })),
        word.map((piece): ReplyEvent => ({ type: 'reasoning-delta', choice: 0, text: piece })),
        fc.constant<ReplyEvent>({ type: 'keep-alive' }),
      ),
      { maxLength: 6 },
    ),
    refusal: fc.option(word),
    calls: fc.array(fc.record({ id, name: toolName, json, cut: fc.integer({ min: 0, max: 8 }) }), {
      maxLength: 3,
    }),
    usage: fc.record({ inputTokens: count, outputTokens: count }),
    usageFirst: fc.boolean(),
    reason,
  })
  .map(({ id: own, said, refusal, calls, usage, usageFirst, reason: how }) => {
    const counts: ReplyEvent = { type: 'usage', usage }
    const finish: ReplyEvent = {
      type: 'finish',
      choice: 0,
      // Several formats have no word for a normal end after a call.
      reason:
        calls.length > 0 && how === 'stop'
          ? 'tool-calls'
          : calls.length === 0 && how === 'tool-calls'
            ? 'stop'
            : how,
      raw: '',
    }
    return [
      { type: 'message-start', ...(own === null ? {} : { id: own }), model: 'other' },
      ...said,
      ...(refusal === null ? [] : [{ type: 'refusal-delta', choice: 0, text: refusal } as const]),
      ...calls.flatMap(({ id: callId, name, json: source, cut }, index): ReplyEvent[] => [
        { type: 'tool-call-start', choice: 0, index, id: callId, name },
        { type: 'tool-call-delta', choice: 0, index, arguments: source.slice(0, cut) },
        { type: 'tool-call-delta', choice: 0, index, arguments: source.slice(cut) },
      ]),
      ...(usageFirst ? [counts, finish] : [finish, counts]),
    ]
  })
