import Anthropic from '@anthropic-ai/sdk'
import { ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { startLab } from '@holdfast/lab'
import type { Lab, LabRequest, Step } from '@holdfast/lab'
import { instrument, interruptionOf } from 'holdfast'
import type { CallEvent, Holdfast } from 'holdfast'
import OpenAI from 'openai'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bedrockClient } from '../wires/clients.ts'

const iban = 'DE89 3704 0044 0532 0130 00'
const card = '4111111111111111'
const words = `Pay from ${iban} with ${card}.`
/** What the lab answers, from what it was sent. */
const issued = (request: LabRequest): string[] => [
  ...new Set(request.bodyText.match(/PRIVATE_[A-Z_]+_[0-9A-HJKMNP-TV-Z]{12}/g) ?? []),
]
const answer = (request: LabRequest): Step => {
  const [first = '?', second = '?'] = issued(request)
  return {
    text: `I pay from ${first}, with ${second}. PRIVATE matters; Paris.`,
    chunks: 40,
    toolCalls: [{ name: 'pay', arguments: { from: first, note: `"${second}"` } }],
    argumentChunks: 30,
  }
}
const said = `I pay from ${iban}, with ${card}. PRIVATE matters; Paris.`
const called = { from: iban, note: `"${card}"` }

let lab: Lab
let holdfast: Holdfast | undefined
beforeEach(async () => {
  lab = await startLab({ script: answer })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await holdfast?.uninstrument()
  holdfast = undefined
  await lab.close()
})

interface Said {
  readonly text: string
  readonly call: unknown
}

const tool = {
  name: 'pay',
  description: `Pays from an account, such as ${iban}`,
  parameters: { type: 'object' as const, properties: { from: { type: 'string' } } },
}
const openai = () => new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai })
const chatTools = [{ type: 'function' as const, function: tool }]

const sdks: Record<string, (streaming: boolean) => Promise<Said>> = {
  async 'openai chat'(streaming) {
    const asked = {
      model: 'm',
      messages: [{ role: 'user' as const, content: words }],
      tools: chatTools,
    }
    const message = streaming
      ? await openai()
          .chat.completions.stream(asked)
          .finalChatCompletion()
          .then(({ choices }) => choices[0]?.message)
      : (await openai().chat.completions.create(asked)).choices[0]?.message
    const [call] = message?.tool_calls ?? []
    return {
      text: message?.content ?? '',
      call: call?.type === 'function' ? JSON.parse(call.function.arguments) : undefined,
    }
  },
  async 'openai responses'(streaming) {
    const asked = {
      model: 'm',
      input: words,
      tools: [{ type: 'function' as const, strict: false, ...tool }],
    }
    const response = streaming
      ? await openai().responses.stream(asked).finalResponse()
      : await openai().responses.create(asked)
    const call = response.output.find((item) => item.type === 'function_call')
    return {
      text: response.output_text,
      call: call?.type === 'function_call' ? JSON.parse(call.arguments) : undefined,
    }
  },
  async anthropic(streaming) {
    const client = new Anthropic({ apiKey: 'none', baseURL: lab.baseUrls.anthropic })
    const asked: Anthropic.MessageCreateParamsNonStreaming = {
      model: 'm',
      max_tokens: 100,
      messages: [{ role: 'user' as const, content: words }],
      tools: [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
    }
    const { content } = streaming
      ? await client.messages.stream(asked).finalMessage()
      : await client.messages.create(asked)
    return {
      text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      call: content.find((block) => block.type === 'tool_use')?.input,
    }
  },
  async gemini(streaming) {
    const client = new GoogleGenAI({
      apiKey: 'none',
      httpOptions: { baseUrl: lab.baseUrls.gemini },
    })
    const asked = {
      model: 'm',
      contents: words,
      config: {
        tools: [
          {
            functionDeclarations: [
              {
                name: tool.name,
                description: tool.description,
                parametersJsonSchema: tool.parameters,
              },
            ],
          },
        ],
      },
    }
    let text = ''
    let call: unknown
    const pieces = streaming
      ? await client.models.generateContentStream(asked)
      : [await client.models.generateContent(asked)]
    for await (const piece of pieces) {
      for (const part of piece.candidates?.[0]?.content?.parts ?? []) text += part.text ?? ''
      call = piece.functionCalls?.[0]?.args ?? call
    }
    return { text, call }
  },
}

test.each(Object.keys(sdks).flatMap((sdk) => [[sdk, false] as const, [sdk, true] as const]))(
  '%s, streaming %s: values go out as placeholders and come back in text and tool arguments',
  async (sdk, streaming) => {
    holdfast = instrument({ security: true, run: { user: 'ada' } })
    const events: CallEvent[] = []
    holdfast.on((event) => events.push(event))
    const { text, call } = (await sdks[sdk]?.(streaming)) ?? {}
    expect(text).toBe(said)
    expect(call).toEqual(called)
    expect(lab.requests).toHaveLength(1)
    expect(lab.requests[0]?.bodyText).not.toMatch(/3704|41111/)
    const decisions = events.flatMap((event) =>
      event.type === 'decision-made' && event.decision.policy.startsWith('security.')
        ? [event.decision]
        : [],
    )
    expect(decisions).toEqual([
      expect.objectContaining({
        policy: 'security.redaction',
        verdict: 'change',
        subject: {
          kind: 'text',
          name: 'request',
          data: expect.arrayContaining(['iban', 'credit-card']),
        },
      }),
    ])
    expect(JSON.stringify(decisions)).not.toMatch(/3704|41111|PRIVATE_/)
  },
)

test('a value is the same in each turn, so that what a provider has cached still fits', async () => {
  holdfast = instrument({ security: true })
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: words }]
  await holdfast.run({ session: 's', user: 'ada' }, async () => {
    for (let turn = 0; turn < 3; turn++) {
      const { choices } = await openai().chat.completions.create({
        model: 'm',
        messages,
        tools: chatTools,
      })
      const message = choices[0]?.message
      if (message === undefined) throw new Error('no answer')
      messages.push(message, {
        role: 'tool',
        tool_call_id: message.tool_calls?.[0]?.id ?? '',
        content: `${card} ok`,
      })
    }
  })
  const sent = lab.requests.map(({ body }) => (body as { messages: unknown[] }).messages)
  expect(sent[2]?.slice(0, 3)).toEqual(sent[1])
  expect(sent[1]?.slice(0, 1)).toEqual(sent[0])
  expect(JSON.stringify(sent)).not.toMatch(/3704|41111/)
})

test('a key of this process stays here without being told', async () => {
  const key = 'sk-canary-7f3d9a1b5c8e2f4a6b0d'
  vi.stubEnv('CANARY_API_KEY', key)
  holdfast = instrument()
  const client = new OpenAI({ apiKey: 'hk-9sKd83jLq02mXzP1vB7n', baseURL: lab.baseUrls.openai })
  const content = `echo ${key} and hk-9sKd83jLq02mXzP1vB7n`
  await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content }] })
  expect(lab.requests[0]?.body).toMatchObject({
    messages: [{ content: 'echo REDACTED_OWN_KEY and REDACTED_OWN_KEY' }],
  })
})

test('a key made for a tool of the provider reaches it, in a parameter it does not', async () => {
  const key = 'mcp_canary_7f3d9a1b5c8e2f4a6b0d'
  vi.stubEnv('MCP_TOKEN', key)
  holdfast = instrument()
  const server = {
    type: 'mcp' as const,
    server_label: 's',
    server_url: 'https://mcp.test',
    authorization: key,
  }
  await openai().responses.create({
    model: 'm',
    input: 'hi',
    tools: [server],
    metadata: { note: key },
  })
  expect(lab.requests[0]?.body).toMatchObject({
    tools: [{ authorization: key }],
    metadata: { note: 'REDACTED_OWN_KEY' },
  })
})

test('a Bedrock request that was redacted goes out signed, or not at all', async () => {
  const question = {
    modelId: 'lab-model',
    messages: [{ role: 'user' as const, content: [{ text: words }] }],
  }
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined)
  holdfast = instrument({ security: true })
  const refused = await bedrockClient(lab)
    .send(new ConverseCommand(question))
    .catch((error: unknown) => error)
  expect(String(refused)).toContain('CALL_REFUSED')
  expect(lab.requests).toHaveLength(0)
  await holdfast.uninstrument()
  holdfast = instrument({
    security: true,
    aws: {
      credentials: () => Promise.resolve({ accessKeyId: 'AKIALAB', secretAccessKey: 'secret' }),
    },
  })
  const { output } = await bedrockClient(lab).send(new ConverseCommand(question))
  expect(output?.message?.content?.[0]?.text).toBe(said)
  expect(lab.requests[0]?.bodyText).not.toContain('3704')
})

test('a kind that is blocked refuses the call with a typed error', async () => {
  holdfast = instrument({ security: { redaction: { kinds: { iban: 'block' } } } })
  const client = new OpenAI({ apiKey: 'none', baseURL: lab.baseUrls.openai, maxRetries: 0 })
  const error = await client.chat.completions
    .create({ model: 'm', messages: [{ role: 'user', content: words }] })
    .catch((thrown: unknown) => thrown)
  expect((error as Error).cause).toMatchObject({ code: 'CALL_REFUSED' })
  expect(interruptionOf(error)).toBeUndefined()
  expect(lab.requests).toHaveLength(0)
})
