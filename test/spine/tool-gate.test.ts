import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import { startLab, turns } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { CallEvent, HoldfastOptions } from 'holdfast'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'

const parameters = {
  type: 'object',
  properties: { to: { type: 'string' }, subject: { type: 'string' } },
  required: ['to'],
  additionalProperties: false,
}
const read = {
  name: 'read_note',
  description: 'Read a note',
  parameters: { type: 'object', properties: { id: { type: 'number' } } },
}
const mail = { name: 'send_email', description: 'Send an email', parameters }
const content = 'Mail it.'

/** What an application gets out of its SDK. */
interface Answer {
  readonly text: string
  readonly calls: readonly (readonly [name: string, args: unknown])[]
  readonly end: unknown
}

type Client = (url: string) => Promise<Answer>

const chatTools = [read, mail].map((tool) => ({ type: 'function' as const, function: tool }))
const chat = { model: 'gpt-5', messages: [{ role: 'user' as const, content }], tools: chatTools }
const responses = {
  model: 'gpt-5',
  input: content,
  tools: [read, mail].map((tool) => ({ type: 'function' as const, strict: null, ...tool })),
}
const messages = {
  model: 'claude-opus-4-6',
  max_tokens: 100,
  messages: [{ role: 'user' as const, content }],
  tools: [read, mail].map(({ parameters: schema, ...tool }) => ({
    ...tool,
    input_schema: schema as { type: 'object' },
  })),
}
const gemini = {
  model: 'gemini-3-flash',
  contents: content,
  config: {
    tools: [
      {
        functionDeclarations: [read, mail].map(({ parameters: schema, ...tool }) => ({
          ...tool,
          parametersJsonSchema: schema,
        })),
      },
    ],
  },
}

function chatAnswer({ choices: [choice] }: OpenAI.ChatCompletion): Answer {
  return {
    text: choice?.message.content ?? '',
    calls: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [[call.function.name, JSON.parse(call.function.arguments)] as const]
        : [],
    ),
    end: choice?.finish_reason,
  }
}

function responsesAnswer(response: OpenAI.Responses.Response): Answer {
  return {
    text: response.output
      .flatMap((item) => (item.type === 'message' ? item.content : []))
      .map((part) => (part.type === 'output_text' ? part.text : ''))
      .join(''),
    calls: response.output.flatMap((item) =>
      item.type === 'function_call' ? [[item.name, JSON.parse(item.arguments)] as const] : [],
    ),
    end: response.status,
  }
}

function messagesAnswer(message: Anthropic.Message): Answer {
  return {
    text: message.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: message.content.flatMap((block) =>
      block.type === 'tool_use' ? [[block.name, block.input] as const] : [],
    ),
    end: message.stop_reason,
  }
}

const openai = (url: string) => new OpenAI({ apiKey: 'k', baseURL: `${url}/v1` })
const anthropic = (url: string) => new Anthropic({ apiKey: 'k', baseURL: url })
const genai = (url: string) => new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: url } })

const clients: Readonly<Record<string, Client>> = {
  'openai chat': async (url) => chatAnswer(await openai(url).chat.completions.create(chat)),
  'openai chat, streamed': async (url) =>
    chatAnswer(await openai(url).chat.completions.stream(chat).finalChatCompletion()),
  'openai responses': async (url) => responsesAnswer(await openai(url).responses.create(responses)),
  'openai responses, streamed': async (url) =>
    responsesAnswer(await openai(url).responses.stream(responses).finalResponse()),
  anthropic: async (url) => messagesAnswer(await anthropic(url).messages.create(messages)),
  'anthropic, streamed': async (url) =>
    messagesAnswer(await anthropic(url).messages.stream(messages).finalMessage()),
  async gemini(url) {
    const answer = await genai(url).models.generateContent(gemini)
    return {
      text: textOf(answer),
      calls: (answer.functionCalls ?? []).map(({ name = '', args }) => [name, args] as const),
      end: answer.candidates?.[0]?.finishReason,
    }
  },
  async 'gemini, streamed'(url) {
    let text = ''
    const calls: [string, unknown][] = []
    let end: unknown
    for await (const chunk of await genai(url).models.generateContentStream(gemini)) {
      text += textOf(chunk)
      for (const { name = '', args } of chunk.functionCalls ?? []) calls.push([name, args])
      end = chunk.candidates?.[0]?.finishReason ?? end
    }
    return { text, calls, end }
  },
}

function textOf(answer: { candidates?: { content?: { parts?: { text?: string }[] } }[] }): string {
  return (answer.candidates?.[0]?.content?.parts ?? []).map((part) => part.text ?? '').join('')
}

async function held(
  client: Client,
  script: Step | ((request: LabRequest) => Step),
  options: HoldfastOptions = { tools: 'strict' },
) {
  await using lab = await startLab({ script })
  const holdfast = instrument({ reliability: { retry: { baseDelayMs: 1 } }, ...options })
  const events: CallEvent[] = []
  holdfast.on((event) => events.push(event))
  try {
    const outcome = await client(lab.url).then(
      (answer) => ({ answer, error: undefined }),
      (error: unknown) => ({ answer: undefined, error }),
    )
    return { ...outcome, requests: lab.requests, report: holdfast.report(), events }
  } finally {
    await holdfast.uninstrument()
  }
}

const good = { name: 'read_note', arguments: { id: 3 } }
const bad = { name: 'send_email', arguments: { to: 'eve@example.com' } }

describe.each(Object.entries(clients))('%s', (_, client) => {
  test('a refused call stands as a text, and the call beside it stands', async () => {
    const { answer, requests } = await held(client, { text: 'Well.', toolCalls: [bad, good] })

    expect(answer?.calls).toEqual([['read_note', { id: 3 }]])
    expect(answer?.text).toContain('Well.')
    expect(answer?.text).toContain('Tool call refused: send_email was not run.')
    expect(requests).toHaveLength(1)
  })

  test('a model that is told of the refusal goes on by itself', async () => {
    const { answer, requests, report } = await held(client, (request) => {
      const told = turns(request).find(({ from }) => from === 'tool')
      return told === undefined ? { toolCalls: [bad] } : { text: `I heard: ${told.text}` }
    })

    expect(answer?.calls).toEqual([])
    expect(answer?.text).toMatch(/^I heard: .*Tool call refused: send_email was not run\./)
    expect(requests).toHaveLength(2)
    expect(report.tools).toMatchObject([
      { tool: 'send_email', verdict: 'ask', rule: 'class.communication', enforced: true, times: 1 },
    ])
  })

  test('a call that is approved with other arguments is called with these', async () => {
    const edited = { to: 'bob@example.com', subject: 'Hi' }
    const holdfastOptions: HoldfastOptions = {
      tools: 'strict',
      approvals: {
        channels: [
          {
            name: 'test',
            async tell({ approve }) {
              await approve({ by: 'ada', arguments: edited })
            },
          },
        ],
      },
    }
    const { answer, error } = await held(client, { toolCalls: [bad, good] }, holdfastOptions)

    expect(error).toBeUndefined()
    expect(answer?.calls).toEqual([
      ['send_email', edited],
      ['read_note', { id: 3 }],
    ])
  })

  test('arguments that are no JSON, or do not fit, are never handed on', async () => {
    const cut = { name: 'read_note', arguments: {}, argumentsText: '{"id": 3' }
    const wrong = { name: 'read_note', arguments: { id: 'three' } }
    const { answer } = await held(client, { toolCalls: [cut, wrong, good] })

    expect(answer?.calls).toEqual([['read_note', { id: 3 }]])
    expect(answer?.text).toMatch(/refused: read_note was not run/)
  })

  test('observing changes nothing, and says what would have been stopped', async () => {
    const step = { text: 'Well.', toolCalls: [bad, good] }
    const bare = await held(client, step, { tools: false })
    const watched = await held(client, step, {})

    expect(watched.answer).toEqual(bare.answer)
    expect(watched.answer?.calls).toHaveLength(2)
    await expect
      .poll(() => watched.events.filter(({ type }) => type === 'decision-made'))
      .toMatchObject([
        { decision: { verdict: 'ask', enforced: false, subject: { name: 'send_email' } } },
        { decision: { verdict: 'allow', enforced: false, subject: { name: 'read_note' } } },
      ])
  })
})

const streamed = Object.entries(clients).filter(([name]) => name.includes('streamed'))
describe.each(streamed)('%s, broken in a tool call', (_, client) => {
  test.each(['end-after-content', 'reset-mid-stream', 'end-without-terminal'] as const)(
    '%s: no call, an error',
    async (name) => {
      const step = { text: 'Well.', toolCalls: [good], fault: { name, afterChunks: 3 } } as const
      const { answer, error } = await held(client, step)

      expect(error).toBeDefined()
      expect(answer).toBeUndefined()
    },
  )
})
