// What reading a stream costs per chunk, beside what nobody can do without: decoding and JSON.parse.
// node --conditions=@holdfast/source benchmarks/src/wire-read.ts
import { formats, recogniseCall } from '@holdfast/wire'
import { mayBeModelCall } from '@holdfast/wire/endpoints'
import { median } from './statistics.ts'

const chunks = 20_000
const rounds = 15

const events: Readonly<Record<string, (text: string) => string>> = {
  'openai-chat': (text) =>
    `data: {"id":"chatcmpl-Bx8pQzv4","object":"chat.completion.chunk","created":1763712000,"model":"gpt-4.1-mini","service_tier":"default","system_fingerprint":"fp_658b958c37","choices":[{"index":0,"delta":{"content":${JSON.stringify(text)}},"logprobs":null,"finish_reason":null}],"obfuscation":"kd82hf"}\n\n`,
  'openai-responses': (text) =>
    `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","sequence_number":17,"item_id":"msg_68ac21","output_index":0,"content_index":0,"delta":${JSON.stringify(text)},"logprobs":[],"obfuscation":"kd82hf"}\n\n`,
  'anthropic-messages': (text) =>
    `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(text)}}        }\n\n`,
  gemini: (text) =>
    `data: {"candidates": [{"content": {"parts": [{"text": ${JSON.stringify(text)}}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 11,"candidatesTokenCount": 42,"totalTokenCount": 53},"modelVersion": "gemini-2.5-flash","responseId": "kd82hf"}\r\n\r\n`,
}

const words = ['Holdfast', ' keeps', ' a', ' stream', ' whole', ',', ' “always”', '.']

for (const format of formats) {
  const source = events[format.name]
  if (source === undefined) continue
  const pieces = Array.from({ length: chunks }, (_, at) =>
    Buffer.from(source(words[at % words.length] ?? '')),
  )
  const facts = { operation: 'chat', streaming: true, contentType: 'text/event-stream' } as const
  const read: number[] = []
  const floor: number[] = []
  for (let round = 0; round < rounds; round++) {
    read.push(
      time(() => {
        const reader = format.replyReader(facts)
        for (const piece of pieces) reader.push(piece)
        reader.end()
      }),
    )
    floor.push(
      time(() => {
        const decoder = new TextDecoder()
        for (const piece of pieces) {
          const text = decoder.decode(piece, { stream: true })
          JSON.parse(text.slice(text.indexOf('data:') + 5))
        }
      }),
    )
  }
  const cost = perChunk(read)
  console.log(
    `${format.name.padEnd(20)} ${cost.toFixed(2)} µs per chunk; decoding and JSON.parse alone ${perChunk(floor).toFixed(2)} µs`,
  )
}

const other = 'https://api.example.com/v2/customers/4711/orders?limit=20'
const model = 'https://api.openai.com/v1/chat/completions'
const prompt = (size: number): string =>
  JSON.stringify({
    model: 'gpt-4.1-mini',
    messages: [{ role: 'user', content: 'He said "no".\n'.repeat(size / 16) }],
    stream: true,
  })
each('mayBeModelCall, no', () => mayBeModelCall('POST', other))
each('mayBeModelCall, yes', () => mayBeModelCall('POST', model))
for (const size of [1_000, 100_000]) {
  const body = prompt(size)
  each(`recogniseCall, ${size / 1000} KB`, () =>
    recogniseCall({ method: 'POST', url: model, body }),
  )
  each(`JSON.parse, ${size / 1000} KB`, () => JSON.parse(body))
}

function each(name: string, run: () => unknown): void {
  const count = 2_000
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    times.push(
      time(() => {
        for (let at = 0; at < count; at++) run()
      }),
    )
  }
  console.log(`${name.padEnd(24)} ${((median(times) * 1000) / count).toFixed(3)} µs`)
}

function time(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function perChunk(timesMs: readonly number[]): number {
  return (median(timesMs) * 1000) / chunks
}
