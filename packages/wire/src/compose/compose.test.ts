import type { LlmRequest, WireFormat } from '@holdfast/core'
import { expect, test } from 'vitest'
import { anthropicMessages, gemini, openaiChat, openaiResponses } from '../index.ts'

function compose(format: WireFormat, request: Partial<LlmRequest> & { readonly model: string }) {
  const composed = format.composeRequest?.({
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }],
    tools: [],
    stream: false,
    extra: {},
    ...request,
  })
  if (composed === undefined) throw new Error(`${format.name} is only read`)
  return {
    url: composed.url,
    headers: Object.fromEntries(composed.headers.entries()),
    body: JSON.parse(composed.body) as Record<string, unknown>,
    lost: composed.losses.map(({ what }) => what),
  }
}

const tool = { name: 'f', parameters: { type: 'object', properties: {} } }
const schema = {
  type: 'object',
  properties: { n: { type: 'integer', minimum: 1 } },
  required: ['n'],
  additionalProperties: false,
}

test.for<[WireFormat, string, string, object]>([
  [openaiChat, 'gpt-4.1', 'https://api.openai.com/v1/chat/completions', {}],
  [openaiResponses, 'gpt-5', 'https://api.openai.com/v1/responses', {}],
  [
    anthropicMessages,
    'claude-sonnet-5',
    'https://api.anthropic.com/v1/messages',
    { 'anthropic-version': '2023-06-01' },
  ],
  [
    gemini,
    'gemini-3-pro',
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro:generateContent',
    {},
  ],
])('%s is addressed to its own provider, without a key', ([format, model, url, headers]) => {
  const composed = compose(format, { model })

  expect(composed.url).toBe(url)
  expect(composed.headers).toEqual({ 'content-type': 'application/json', ...headers })
  expect(composed.lost).toEqual([])
})

test('a stream of a chat counts its tokens, one of Gemini is another method', () => {
  expect(compose(openaiChat, { model: 'gpt-4.1', stream: true }).body).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
  })
  expect(compose(gemini, { model: 'gemini-3-pro', stream: true }).url).toMatch(
    /:streamGenerateContent\?alt=sse$/,
  )
})

test('the longest answer goes by the name that the model knows, and Anthropic always wants one', () => {
  const maxOutputTokens = 50
  expect(compose(openaiChat, { model: 'qwen3', maxOutputTokens }).body).toMatchObject({
    max_tokens: 50,
  })
  expect(compose(openaiChat, { model: 'gpt-5', maxOutputTokens }).body).toMatchObject({
    max_completion_tokens: 50,
  })
  expect(compose(openaiResponses, { model: 'gpt-5', maxOutputTokens: 5 })).toMatchObject({
    body: { max_output_tokens: 16 },
    lost: ['fewer than 16 tokens'],
  })
  const usual = ['claude-sonnet-5', 'claude-3-5-haiku-20241022', 'claude-3-haiku-20240307'].map(
    (model) => compose(anthropicMessages, { model }).body['max_tokens'],
  )
  expect(usual).toEqual([32_000, 8192, 4096])
})

test.for<[WireFormat, string, readonly string[]]>([
  [openaiChat, 'gpt-4.1', []],
  [openaiChat, 'o3', ['temperature']],
  [openaiChat, 'openai/gpt-5-mini', ['temperature']],
  [anthropicMessages, 'claude-sonnet-4-5-20250929', []],
  [anthropicMessages, 'claude-opus-4-7', ['temperature']],
  [anthropicMessages, 'claude-sonnet-5', ['temperature']],
  [anthropicMessages, 'anthropic.claude-3-5-sonnet-20240620-v1:0', []],
])('%s %s and a temperature', ([format, model, lost]) => {
  const composed = compose(format, { model, temperature: 0.5 })
  expect(composed.lost).toEqual(lost)
  expect('temperature' in composed.body).toBe(lost.length === 0)
})

test('reasoning is said in the way that the model understands', () => {
  const reasoning = { effort: 'medium' }
  expect(compose(openaiChat, { model: 'gpt-5', reasoning }).body['reasoning_effort']).toBe('medium')
  expect(compose(openaiChat, { model: 'gpt-4.1', reasoning }).lost).toEqual([
    'reasoning effort medium',
  ])
  expect(compose(anthropicMessages, { model: 'claude-sonnet-5', reasoning }).body).toMatchObject({
    output_config: { effort: 'medium' },
    thinking: { type: 'adaptive' },
  })
  expect(compose(anthropicMessages, { model: 'claude-sonnet-4-5', reasoning })).toMatchObject({
    body: { thinking: { type: 'enabled', budget_tokens: 8192 } },
    lost: ['reasoning effort, said as a budget'],
  })
  expect(compose(gemini, { model: 'gemini-3-flash', reasoning }).body['generationConfig']).toEqual({
    thinkingConfig: { thinkingLevel: 'medium' },
  })
  expect(compose(gemini, { model: 'gemini-2.5-flash', reasoning })).toMatchObject({
    body: { generationConfig: { thinkingConfig: { thinkingBudget: 8192 } } },
    lost: ['reasoning effort, said as a budget'],
  })
  const budget = { reasoning: { budgetTokens: 20_000 } }
  expect(compose(openaiResponses, { model: 'gpt-5', ...budget })).toMatchObject({
    body: { reasoning: { effort: 'high' } },
    lost: ['reasoning budget, said as an effort'],
  })
})

test('Claude does not think where that would be refused', () => {
  const think = { model: 'claude-sonnet-4-5', reasoning: { budgetTokens: 4000 } }
  const forced = compose(anthropicMessages, { ...think, tools: [tool], toolChoice: 'required' })
  const short = compose(anthropicMessages, { ...think, maxOutputTokens: 500 })
  const narrow = compose(anthropicMessages, { ...think, maxOutputTokens: 3000 })

  expect([forced.body['thinking'], forced.lost]).toEqual([undefined, ['reasoning']])
  expect([short.body['thinking'], short.lost]).toEqual([undefined, ['reasoning']])
  expect(narrow.body['thinking']).toEqual({ type: 'enabled', budget_tokens: 2999 })
})

test('a schema for the answer is kept, narrowed, or said in words', () => {
  const output = { type: 'json-schema', schema, name: 'count', strict: true } as const
  expect(compose(openaiChat, { model: 'gpt-4.1', output }).body['response_format']).toEqual({
    type: 'json_schema',
    json_schema: { name: 'count', schema, strict: true },
  })
  const { minimum: _, ...n } = schema.properties.n
  expect(compose(anthropicMessages, { model: 'claude-sonnet-5', output })).toMatchObject({
    body: { output_config: { format: { schema: { ...schema, properties: { n } } } } },
    lost: ['minimum of a strict schema'],
  })
  const inWords = compose(anthropicMessages, { model: 'claude-3-5-haiku-20241022', output })
  expect(inWords.body['system']).toContain(JSON.stringify(schema))
  expect(inWords.lost).toEqual(['JSON schema, said in words'])
  expect(compose(gemini, { model: 'gemini-2.5-pro', output, tools: [tool] }).lost).toEqual([
    'JSON schema, said in words',
  ])
  expect(compose(gemini, { model: 'gemini-3-pro', output, tools: [tool] }).lost).toEqual([])
})

test('strict tools stay strict only where their schema lets the provider be strict', () => {
  const loose = { type: 'object', properties: { city: { type: 'string' } } }
  const tools = [{ name: 'f', parameters: loose, strict: true }]

  expect(compose(openaiResponses, { model: 'gpt-5', tools })).toMatchObject({
    body: { tools: [{ strict: false }] },
    lost: ['strict tool arguments'],
  })
  expect(compose(openaiResponses, { model: 'gpt-5', tools: [tool] }).body).toMatchObject({
    tools: [{ strict: false }],
  })
})

test("schemas in Google's dialect are written in JSON Schema proper", () => {
  const parameters = {
    type: 'OBJECT',
    properties: { type: { type: 'STRING', nullable: true }, list: { type: 5, items: { type: 3 } } },
  }
  const { body } = compose(openaiChat, { model: 'gpt-4.1', tools: [{ name: 'f', parameters }] })

  expect(body['tools']).toMatchObject([
    {
      function: {
        parameters: {
          type: 'object',
          properties: {
            type: { type: ['string', 'null'] },
            list: { type: 'array', items: { type: 'integer' } },
          },
        },
      },
    },
  ])
})

test("calls that Gemini did not make carry Google's stand-in for a signature, the first of each turn", () => {
  const messages: LlmRequest['messages'] = [
    { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    {
      role: 'assistant',
      parts: ['a', 'b'].map((id) => ({ type: 'tool-call', id, name: 'f', arguments: '{}' })),
    },
    {
      role: 'tool',
      parts: ['a', 'b'].map((id) => ({
        type: 'tool-result',
        id,
        parts: [{ type: 'text', text: id }],
      })),
    },
  ]
  const signatures = (model: string): unknown[] => {
    const contents = compose(gemini, { model, messages }).body['contents'] as { parts: object[] }[]
    return contents[1]?.parts.map((part) => 'thoughtSignature' in part) ?? []
  }

  expect(signatures('gemini-3-pro')).toEqual([true, false])
  expect(signatures('gemini-2.5-pro')).toEqual([false, false])
})

test('documents and images go in the form that the provider takes, or are named', () => {
  const media = (part: object): LlmRequest['messages'] => [
    { role: 'user', parts: [{ type: 'media', ...part } as never] },
  ]
  const text = Buffer.from('plain words').toString('base64')
  const document = media({
    kind: 'document',
    mediaType: 'text/plain',
    data: text,
    filename: 'a.txt',
  })

  expect(compose(openaiChat, { model: 'gpt-4.1', messages: document })).toMatchObject({
    body: { messages: [{ content: 'a.txt:\nplain words' }] },
    lost: ['document, as text'],
  })
  const byUrl = media({ kind: 'document', url: 'https://example.com/a.pdf' })
  expect(compose(openaiChat, { model: 'gpt-4.1', messages: byUrl }).lost).toContain(
    'document by URL',
  )
  expect(compose(openaiResponses, { model: 'gpt-5', messages: byUrl }).lost).toEqual([])
  const byId = media({ kind: 'image', fileId: 'file-1' })
  expect(compose(gemini, { model: 'gemini-3-pro', messages: byId }).lost).toContain(
    'image by file id',
  )
  const stored = media({ kind: 'document', mediaType: 'application/pdf', url: 'gs://bucket/a.pdf' })
  expect(compose(anthropicMessages, { model: 'claude-sonnet-5', messages: stored }).lost).toContain(
    'document that only its provider can fetch',
  )
})

test('members without a neutral name are judged by what it means to be without them', () => {
  const extra = {
    store: true,
    n: 2,
    logit_bias: { 1: 2 },
    previous_response_id: 'resp_1',
    text: { format: { type: 'text' }, verbosity: 'low' },
    generationConfig: { temperature: 1, candidateCount: 1, mediaResolution: 'LOW' },
    nothing: null,
  }
  const composed = anthropicMessages.composeRequest?.({
    model: 'claude-sonnet-5',
    system: [],
    messages: [],
    tools: [],
    stream: false,
    extra,
  })

  expect(composed?.losses.map(({ what, severity }) => `${severity}: ${what}`)).toEqual([
    'detail: no word of the user at the beginning',
    'meaning: n',
    'detail: logit_bias',
    'meaning: previous_response_id',
    'detail: text.verbosity',
    'detail: generationConfig.mediaResolution',
  ])
})

test('servers that speak the chat format with an accent are spoken to in it', () => {
  const messages: LlmRequest['messages'] = [
    { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    {
      role: 'assistant',
      parts: [{ type: 'tool-call', id: 'toolu_01', name: 'f', arguments: '{}' }],
    },
    { role: 'tool', parts: [{ type: 'tool-result', id: 'toolu_01', parts: [] }] },
  ]
  const asked = { messages, stream: true, seed: 4 }
  const mistral = compose(openaiChat, { ...asked, model: 'mistral-large-latest' })
  const deepseek = compose(openaiChat, { ...asked, model: 'deepseek-v4-pro' })

  const [, called, answered] = mistral.body['messages'] as [
    unknown,
    { tool_calls: { id: string }[] },
    { tool_call_id: string },
  ]
  expect(called.tool_calls[0]?.id).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(answered.tool_call_id).toBe(called.tool_calls[0]?.id)
  expect(mistral.body).not.toHaveProperty('stream_options')
  expect(mistral.lost).toEqual(['seed'])
  expect(deepseek.body['messages']).toMatchObject([{}, { reasoning_content: '(none)' }, {}])
})

test('a document of text is one for Anthropic too, with its name', () => {
  const data = Buffer.from('plain wörds').toString('base64')
  const messages: LlmRequest['messages'] = [
    {
      role: 'user',
      parts: [
        { type: 'media', kind: 'document', mediaType: 'text/markdown', data, filename: 'a.md' },
      ],
    },
  ]

  expect(compose(anthropicMessages, { model: 'claude-sonnet-5', messages })).toMatchObject({
    body: {
      messages: [
        {
          content: [
            {
              type: 'document',
              title: 'a.md',
              source: { type: 'text', media_type: 'text/plain', data: 'plain wörds' },
            },
          ],
        },
      ],
    },
    lost: [],
  })
})
