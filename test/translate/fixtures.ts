import type { FormatName } from './formats.ts'

const png = 'iVBORw0KGgo='
const pdf = 'JVBERi0xLjcK'
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
  additionalProperties: false,
}
const answer = {
  type: 'object',
  properties: { summary: { type: 'string' } },
  required: ['summary'],
  additionalProperties: false,
}
const system = 'You tell the weather.\nBe short.'
const description = 'Tells the weather.'
const zurich = { city: 'Zürich', days: 2 }
const bern = { city: 'Bern', days: 1 }

/** One request in each format that says as much of the same as the format can say. */
export const requests: Readonly<
  Record<FormatName, { readonly url: string; readonly body: object }>
> = {
  'openai-chat': {
    url: 'https://api.openai.com/v1/chat/completions',
    body: {
      model: 'gpt-4.1',
      messages: [
        { role: 'system', content: system },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this, and how is the weather there?' },
            { type: 'image_url', image_url: { url: 'https://example.com/place.png' } },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          ],
        },
        {
          role: 'assistant',
          content: 'Let me see.',
          tool_calls: [
            call('call_1', 'weather', JSON.stringify(zurich)),
            call('call_2', 'weather', JSON.stringify(bern)),
          ],
        },
        { role: 'tool', tool_call_id: 'call_2', content: 'rain' },
        { role: 'tool', tool_call_id: 'call_1', content: '{"sky":"clear","degrees":22}' },
        { role: 'assistant', content: 'Clear in Zürich, rain in Bern.' },
        { role: 'user', content: 'And tomorrow?' },
      ],
      tools: [
        { type: 'function', function: { name: 'weather', description, parameters, strict: true } },
      ],
      tool_choice: 'required',
      temperature: 0.2,
      max_tokens: 400,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'summary', strict: true, schema: answer },
      },
      user: 'user-1',
      stream: true,
      stream_options: { include_usage: true },
    },
  },
  'openai-responses': {
    url: 'https://api.openai.com/v1/responses',
    body: {
      model: 'gpt-5',
      instructions: system,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this, and how is the weather there?' },
            { type: 'input_image', image_url: 'https://example.com/place.png', detail: 'low' },
            {
              type: 'input_file',
              filename: 'map.pdf',
              file_data: `data:application/pdf;base64,${pdf}`,
            },
          ],
        },
        { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'opaque' },
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_1',
          name: 'weather',
          arguments: JSON.stringify(zurich),
        },
        { type: 'function_call_output', call_id: 'call_1', output: 'clear' },
        {
          type: 'function_call',
          id: 'fc_2',
          call_id: 'call_2',
          name: 'weather',
          arguments: JSON.stringify(bern),
        },
        {
          type: 'function_call_output',
          call_id: 'call_2',
          output: [
            { type: 'input_text', text: 'see the picture' },
            { type: 'input_image', image_url: `data:image/png;base64,${png}` },
          ],
        },
      ],
      tools: [
        { type: 'function', name: 'weather', description, parameters, strict: true },
        { type: 'web_search' },
      ],
      parallel_tool_calls: false,
      reasoning: { effort: 'low', summary: 'auto' },
      max_output_tokens: 400,
    },
  },
  'anthropic-messages': {
    url: 'https://api.anthropic.com/v1/messages',
    body: {
      model: 'claude-sonnet-4-6',
      max_tokens: 400,
      system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this, and how is the weather there?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: pdf },
            },
            { type: 'document', source: { type: 'url', url: 'https://example.com/map.pdf' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Two places.', signature: 'c2lnbmVk' },
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: zurich },
            { type: 'tool_use', id: 'toolu_2', name: 'weather', input: bern },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'clear' },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_2',
              content: 'no such place',
              is_error: true,
            },
            { type: 'text', text: 'And tomorrow?' },
          ],
        },
      ],
      tools: [{ name: 'weather', description, input_schema: parameters }],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      top_k: 5,
      stop_sequences: ['END'],
      metadata: { user_id: 'user-1' },
      stream: true,
    },
  },
  gemini: {
    url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-pro-preview:generateContent',
    body: {
      systemInstruction: { parts: [{ text: system }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is this, and how is the weather there?' },
            { inlineData: { mimeType: 'image/png', data: png } },
            { inlineData: { mimeType: 'video/mp4', data: png } },
          ],
        },
        {
          role: 'model',
          parts: [
            { functionCall: { name: 'weather', args: zurich }, thoughtSignature: 'c2lnbmVk' },
            { functionCall: { name: 'weather', args: bern } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'weather', response: { output: 'clear' } } },
            { functionResponse: { name: 'weather', response: { sky: 'rain' } } },
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: 'weather',
              description,
              parameters: {
                type: 'OBJECT',
                properties: { city: { type: 'STRING' }, days: { type: 'INTEGER', nullable: true } },
                required: ['city'],
              },
            },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      generationConfig: {
        temperature: 0.2,
        seed: 7,
        stopSequences: ['END'],
        thinkingConfig: { thinkingLevel: 'low' },
      },
    },
  },
}

function call(id: string, name: string, json: string): object {
  return { id, type: 'function', function: { name, arguments: json } }
}

/** What of each request is named as lost on the way to each other format. */
export const lost: Readonly<
  Record<FormatName, Readonly<Partial<Record<FormatName, readonly string[]>>>>
> = {
  'openai-chat': {
    'openai-responses': [],
    'anthropic-messages': [],
    gemini: ['strict tool arguments', 'user'],
  },
  'openai-responses': {
    'openai-chat': [
      'media in a tool result',
      'provider tool web_search',
      'reasoning of earlier turns',
      'reasoning.summary',
    ],
    'anthropic-messages': [
      'image detail',
      'provider tool web_search',
      'reasoning of earlier turns',
      'reasoning.summary',
    ],
    gemini: [
      'file name',
      'image detail',
      'one tool call at a time',
      'provider tool web_search',
      'reasoning of earlier turns',
      'reasoning.summary',
      'strict tool arguments',
    ],
  },
  'anthropic-messages': {
    'openai-chat': [
      'cache_control',
      'document by URL',
      'error mark of a tool result',
      'reasoning of earlier turns',
      'topK',
    ],
    'openai-responses': [
      'cache_control',
      'error mark of a tool result',
      'reasoning of earlier turns',
      'stopSequences',
      'topK',
    ],
    gemini: ['cache_control', 'one tool call at a time', 'reasoning of earlier turns', 'user'],
  },
  gemini: {
    'openai-chat': ['stopSequences', 'temperature', 'video video/mp4'],
    'openai-responses': ['seed', 'stopSequences', 'temperature', 'video video/mp4'],
    'anthropic-messages': ['seed', 'video video/mp4'],
  },
}
