// A provider with next to no latency of its own, in its own process: fixed bytes for every request.
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'

const port = Number(process.argv[2] ?? 0)
const words = `Entry 000000. ${'The quick brown fox jumps over the lazy dog. '.repeat(22)}`.slice(
  0,
  900,
)
const whole = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, message: { role: 'assistant', content: words }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 250, completion_tokens: 220, total_tokens: 470 },
  }),
)
const numberAt = whole.indexOf('Entry 000000') + 'Entry '.length
let answered = 0
/** The same answer with another number in it: a model that says the same again and again is stopped as a loop. */
function variedAnswer(): Buffer {
  const varied = Buffer.from(whole)
  varied.write(String(answered++ % 1_000_000).padStart(6, '0'), numberAt, 'latin1')
  return varied
}
const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'gpt-4o-mini',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`
/** How many content chunks a streamed answer has. */
export const streamChunks = 200
const pieces = [
  chunk({ role: 'assistant', content: '' }, null),
  ...Array.from({ length: streamChunks }, (_, index) => chunk({ content: `word${index} ` }, null)),
  chunk({}, 'stop'),
  'data: [DONE]\n\n',
].map((text) => Buffer.from(text))

function writeApart(response: ServerResponse, at = 0): void {
  const piece = pieces[at]
  if (piece === undefined) response.end()
  else if (!response.destroyed) {
    response.write(piece)
    setImmediate(writeApart, response, at + 1)
  }
}

if (process.argv[1] === import.meta.filename) {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      if (body.includes('"stream":true')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        // All of them arrive together, as from a provider that is faster than its reader; `apart` one by one.
        if (request.url?.includes('apart')) writeApart(response)
        else {
          for (const piece of pieces) response.write(piece)
          response.end()
        }
        return
      }
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': whole.length,
      })
      response.end(request.url?.includes('varied') ? variedAnswer() : whole)
    })
  })
  server.listen(port, '127.0.0.1', () => {
    const address = server.address()
    if (typeof address === 'object' && address !== null) process.send?.({ port: address.port })
  })
  process.on('disconnect', () => process.exit())
}
