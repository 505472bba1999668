import { type LlmRequest, type Part } from '@holdfast/core'
import { describe, expect, test } from 'vitest'
import { anthropicMessages, gemini, openaiChat, openaiResponses } from '../index.ts'
import { changedRequest as changed, requestTo as request } from '../testing/request.ts'

const shout = (parts: readonly Part[]): Part[] =>
  parts.map((part) => (part.type === 'text' ? { ...part, text: part.text.toUpperCase() } : part))

const schema = { type: 'object', properties: { x: { type: 'number' } } }

describe('OpenAI Chat', () => {
  const url = 'https://api.openai.com/v1/chat/completions'
  const body = {
    model: 'gpt-4.1',
    messages: [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        name: 'ada',
        content: [
          { type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning: 'hm',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"x":1}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'two' },
      { role: 'system', content: 'Now in German.' },
    ],
    tools: [
      {
        type: 'function',
        function: { name: 'add', description: 'Adds', parameters: schema, strict: true },
      },
    ],
    tool_choice: { type: 'function', function: { name: 'add' } },
    max_tokens: 5,
    stop: 'END',
    reasoning_effort: 'low',
    response_format: { type: 'json_object' },
    logit_bias: { 5: 1 },
    temperature: null,
  }
  const http = request(url, body)

  test('is read into neutral words', () => {
    expect(openaiChat.readRequest(http, 'chat')).toEqual({
      model: 'gpt-4.1',
      system: [{ type: 'text', text: 'Be brief.', extra: { role: 'developer' } }],
      messages: [
        {
          role: 'user',
          extra: { name: 'ada' },
          parts: [
            { type: 'text', text: 'hi', extra: { cache_control: { type: 'ephemeral' } } },
            {
              type: 'media',
              kind: 'image',
              mediaType: 'image/png',
              data: 'AAAA',
              extra: { detail: 'low' },
            },
          ],
        },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'hm' },
            { type: 'tool-call', id: 'c1', name: 'add', arguments: '{"x":1}' },
          ],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool-result', id: 'c1', parts: [{ type: 'text', text: 'two' }] }],
        },
        {
          role: 'user',
          extra: { role: 'system' },
          parts: [{ type: 'text', text: 'Now in German.' }],
        },
      ],
      tools: [{ name: 'add', description: 'Adds', parameters: schema, strict: true }],
      toolChoice: { name: 'add' },
      maxOutputTokens: 5,
      stopSequences: ['END'],
      reasoning: { effort: 'low' },
      output: { type: 'json' },
      stream: false,
      extra: { logit_bias: { 5: 1 }, temperature: null },
    })
  })

  test('an untouched request stays the very same object', () => {
    const read = openaiChat.readRequest(http, 'chat')
    expect(openaiChat.writeRequest(read, http, 'chat')).toBe(http)
  })

  test('a changed part changes nothing else', () => {
    const { body: written } = changed(openaiChat, http, ({ messages }) => ({
      messages: messages.map((message) =>
        message.role === 'user' ? { ...message, parts: shout(message.parts) } : message,
      ),
    }))
    const [developer, user, assistant, tool] = body.messages
    const said = [
      { type: 'text', text: 'HI', cache_control: { type: 'ephemeral' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
    ]
    expect(written).toEqual({
      ...body,
      messages: [
        developer,
        { ...user, content: said },
        assistant,
        tool,
        { role: 'system', content: 'NOW IN GERMAN.' },
      ],
    })
  })

  test('what is added is written as the provider says it', () => {
    const { body: written } = changed(openaiChat, http, ({ system, messages, tools, extra }) => ({
      model: 'other',
      system: [...system, { type: 'text', text: 'Remember: likes tea.' }],
      messages: [
        ...messages,
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'a' },
            { type: 'tool-call', id: 'c2', name: 'f', arguments: '{}' },
          ],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool-result', id: 'c2', parts: [{ type: 'text', text: 'r' }] }],
        },
      ],
      tools: [...tools, { name: 'f', parameters: schema }],
      toolChoice: 'required',
      maxOutputTokens: 7,
      stopSequences: ['A', 'B'],
      output: { type: 'json-schema', schema, name: 'sum', strict: true },
      reasoning: { effort: 'high' },
      extra: { ...extra, logit_bias: undefined },
    }))
    const { logit_bias: _, ...rest } = body
    expect(written).toEqual({
      ...rest,
      model: 'other',
      messages: [
        body.messages[0],
        { role: 'developer', content: 'Remember: likes tea.' },
        ...body.messages.slice(1),
        {
          role: 'assistant',
          content: 'a',
          tool_calls: [{ id: 'c2', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c2', content: 'r' },
      ],
      tools: [...body.tools, { type: 'function', function: { name: 'f', parameters: schema } }],
      tool_choice: 'required',
      max_tokens: 7,
      stop: ['A', 'B'],
      response_format: { type: 'json_schema', json_schema: { name: 'sum', schema, strict: true } },
      reasoning_effort: 'high',
    })
  })

  test('a second change goes on from the first', () => {
    const read = openaiChat.readRequest(http, 'chat')
    const first = { ...read, temperature: 0.5 }
    const one = openaiChat.writeRequest(first, http, 'chat')
    const two = openaiChat.writeRequest({ ...first, extra: { ...first.extra, n: 2 } }, one, 'chat')
    expect(JSON.parse(String(two.body))).toEqual({ ...body, temperature: 0.5, n: 2 })
  })

  test('embeddings: the texts can be changed, token ids stay', () => {
    const embed = request('https://x/v1/embeddings', { model: 'e', input: 'secret', dimensions: 8 })
    const upper = ({ messages }: LlmRequest) => ({
      messages: messages.map((message) => ({ ...message, parts: shout(message.parts) })),
    })
    expect(changed(openaiChat, embed, upper, 'embeddings').body).toEqual({
      model: 'e',
      input: 'SECRET',
      dimensions: 8,
    })
    const ids = request('https://x/v1/embeddings', { model: 'e', input: [1, 2] })
    const model = changed(openaiChat, ids, () => ({ model: 'f' }), 'embeddings')
    expect(model.body).toEqual({ model: 'f', input: [1, 2] })
  })
})

describe('OpenAI Responses', () => {
  const url = 'https://api.openai.com/v1/responses'
  const items = [
    { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
    {
      type: 'reasoning',
      id: 'rs_1',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'gAAA',
    },
    { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'add', arguments: '{"x":1}' },
    { type: 'function_call_output', call_id: 'c1', output: 'two' },
    { type: 'item_reference', id: 'msg_9' },
  ]
  const body = {
    model: 'gpt-5.1',
    instructions: 'Be brief.',
    input: items,
    tools: [
      { type: 'function', name: 'add', parameters: schema, strict: true },
      { type: 'web_search' },
    ],
    text: { verbosity: 'low', format: { type: 'text' } },
    reasoning: { effort: 'low', summary: 'auto' },
    store: false,
  }
  const http = request(url, body)

  test('is read into neutral words, one message per item', () => {
    const { system, messages, tools, reasoning, output, extra } = openaiResponses.readRequest(
      http,
      'chat',
    )
    expect(system).toEqual([{ type: 'text', text: 'Be brief.' }])
    expect(messages).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        parts: [{ type: 'reasoning', text: 'hm', encrypted: 'gAAA', extra: { id: 'rs_1' } }],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'tool-call', id: 'c1', name: 'add', arguments: '{"x":1}', extra: { id: 'fc_1' } },
        ],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', id: 'c1', parts: [{ type: 'text', text: 'two' }] }],
      },
      { role: 'assistant', parts: [{ type: 'other', value: items[4] }] },
    ])
    expect(tools).toEqual([
      { name: 'add', parameters: schema, strict: true },
      { name: 'web_search', provider: { type: 'web_search' } },
    ])
    expect({ reasoning, output, store: extra['store'] }).toEqual({
      reasoning: { effort: 'low' },
      output: { type: 'text' },
      store: false,
    })
  })

  test('changes touch what they mean only', () => {
    const { body: written } = changed(openaiResponses, http, ({ system, messages }) => ({
      system: [...system, { type: 'text', text: 'Likes tea.' }],
      messages: [...messages, { role: 'user', parts: [{ type: 'text', text: 'more' }] }],
      reasoning: { effort: 'high' },
      output: { type: 'json-schema', schema },
    }))
    expect(written).toEqual({
      ...body,
      instructions: 'Be brief.\n\nLikes tea.',
      input: [...items, { type: 'message', role: 'user', content: 'more' }],
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'answer', schema } },
      reasoning: { effort: 'high', summary: 'auto' },
    })
  })

  test('an input that is one text stays one until messages change', () => {
    const plain = request(url, { model: 'm', input: 'hi' })
    expect(changed(openaiResponses, plain, () => ({ temperature: 1 })).body).toEqual({
      model: 'm',
      input: 'hi',
      temperature: 1,
    })
    const longer = changed(openaiResponses, plain, ({ messages }) => ({
      messages: [...messages, { role: 'assistant', parts: [{ type: 'text', text: 'yes' }] }],
    }))
    expect(longer.body).toEqual({
      model: 'm',
      input: [
        { role: 'user', content: 'hi' },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'yes' }] },
      ],
    })
  })
})

describe('Anthropic Messages', () => {
  const url = 'https://api.anthropic.com/v1/messages'
  const body = {
    model: 'claude-sonnet-4-5',
    max_tokens: 100,
    system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: 'hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's' },
          { type: 'tool_use', id: 't1', name: 'add', input: { x: 1 } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't1', content: 'two', is_error: true }],
      },
    ],
    tools: [
      { name: 'add', input_schema: schema },
      { type: 'web_search_20250305', name: 'web_search' },
    ],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 2048 },
    metadata: { user_id: 'u1' },
  }
  const http = request(url, body)

  test('is read into neutral words', () => {
    expect(anthropicMessages.readRequest(http, 'chat')).toMatchObject({
      system: [
        { type: 'text', text: 'Be brief.', extra: { cache_control: { type: 'ephemeral' } } },
      ],
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'hm', signature: 's' },
            { type: 'tool-call', id: 't1', name: 'add', arguments: '{"x":1}' },
          ],
        },
        {
          role: 'tool',
          parts: [
            {
              type: 'tool-result',
              id: 't1',
              isError: true,
              parts: [{ type: 'text', text: 'two' }],
            },
          ],
        },
      ],
      tools: [
        { name: 'add', parameters: schema },
        { name: 'web_search', provider: { type: 'web_search_20250305' } },
      ],
      toolChoice: 'required',
      parallelToolCalls: false,
      maxOutputTokens: 100,
      reasoning: { budgetTokens: 2048 },
      user: 'u1',
    })
  })

  test('changes touch what they mean only', () => {
    const { body: written } = changed(anthropicMessages, http, ({ system, messages }) => ({
      system: [...system, { type: 'text', text: 'Likes tea.' }],
      messages: messages
        .slice(0, 1)
        .map((message) => ({ ...message, parts: shout(message.parts) })),
      toolChoice: { name: 'add' },
      user: 'u2',
      reasoning: { budgetTokens: 4096 },
    }))
    expect(written).toEqual({
      ...body,
      system: [...body.system, { type: 'text', text: 'Likes tea.' }],
      messages: [{ role: 'user', content: 'HI' }],
      tool_choice: { type: 'tool', name: 'add', disable_parallel_tool_use: true },
      thinking: { type: 'enabled', budget_tokens: 4096 },
      metadata: { user_id: 'u2' },
    })
  })
})

describe('Gemini', () => {
  const url =
    'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse'
  const body = {
    systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }] },
    contents: [
      {
        role: 'user',
        parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
      },
      {
        role: 'model',
        parts: [{ functionCall: { name: 'add', args: { x: 1 } }, thoughtSignature: 'sig' }],
      },
      { role: 'user', parts: [{ functionResponse: { name: 'add', response: { result: 2 } } }] },
    ],
    tools: [
      { functionDeclarations: [{ name: 'add', parameters: { type: 'OBJECT' } }] },
      { googleSearch: {} },
    ],
    generationConfig: {
      temperature: 0.5,
      candidateCount: 1,
      thinkingConfig: { thinkingBudget: 100, includeThoughts: true },
    },
    safetySettings: [],
  }
  const http = request(url, body)

  test('is read into neutral words, model and streaming from the address', () => {
    expect(gemini.readRequest(http, 'chat')).toMatchObject({
      model: 'gemini-2.5-pro',
      stream: true,
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        {
          role: 'user',
          parts: [
            { type: 'text', text: 'hi' },
            { type: 'media', kind: 'image', mediaType: 'image/png', data: 'AAAA' },
          ],
        },
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              id: '',
              name: 'add',
              arguments: '{"x":1}',
              extra: { thoughtSignature: 'sig' },
            },
          ],
        },
        {
          role: 'tool',
          parts: [
            {
              type: 'tool-result',
              id: '',
              name: 'add',
              parts: [{ type: 'text', text: '{"result":2}' }],
            },
          ],
        },
      ],
      tools: [
        { name: 'add', parameters: { type: 'OBJECT' } },
        { name: 'googleSearch', provider: { googleSearch: {} } },
      ],
      temperature: 0.5,
      reasoning: { budgetTokens: 100 },
    })
  })

  test('changes touch what they mean only; the model goes into the address', () => {
    const { url: writtenUrl, body: written } = changed(
      gemini,
      http,
      ({ system, messages, tools }) => ({
        model: 'gemini-3/pro',
        system: [...system, { type: 'text', text: 'Likes tea.' }],
        messages: messages.map((message) => ({ ...message, parts: shout(message.parts) })),
        tools: tools.map((tool) =>
          tool.provider === undefined ? { ...tool, description: 'Adds' } : tool,
        ),
        maxOutputTokens: 9,
        output: { type: 'json-schema', schema },
      }),
    )
    expect(writtenUrl).toBe(url.replace('gemini-2.5-pro', 'gemini-3%2Fpro'))
    const [first, ...others] = body.contents
    expect(written).toEqual({
      ...body,
      systemInstruction: { role: 'user', parts: [{ text: 'Be brief.' }, { text: 'Likes tea.' }] },
      contents: [{ role: 'user', parts: [{ text: 'HI' }, first?.parts[1]] }, ...others],
      // Google's own dialect of schemas keeps its own member.
      tools: [
        {
          functionDeclarations: [
            { name: 'add', description: 'Adds', parameters: { type: 'OBJECT' } },
          ],
        },
        { googleSearch: {} },
      ],
      generationConfig: {
        ...body.generationConfig,
        maxOutputTokens: 9,
        responseMimeType: 'application/json',
        responseJsonSchema: schema,
      },
    })
  })
})

test('a body that is no JSON object is a SyntaxError', () => {
  for (const body of ['', '[]', '{']) {
    const http = { ...request('https://x/v1/chat/completions', {}), body }
    expect(() => openaiChat.readRequest(http, 'chat')).toThrow(SyntaxError)
  }
})
