// A loop that somebody wrote by himself: fetch, a few lines for each format, and much good will towards the model.
import { instructions, mostRounds } from './driver.ts'
import type { AgentStart, Play } from './driver.ts'
import { formats } from './plain-formats.ts'
import type { Format, ModelCall, Reply } from './plain-formats.ts'

/** It runs a call as soon as its arguments are there, and understands names that are nearly right. */
export const play: Play = async (start) => {
  const format = formats[start.wire]
  const history: object[] = [format.question(start.question)]
  for (let round = 0; round < mostRounds; round++) {
    const reply = await ask(start, format, history)
    if (reply.calls.length === 0) return reply.text
    const results = await Promise.all(
      reply.calls.map(async ({ call, result }) => ({ call, result: await result })),
    )
    history.push(...format.turn(reply.text, results))
  }
  throw new Error('the model never came to an end')
}

interface Begun {
  readonly text: string
  readonly calls: readonly { readonly call: ModelCall; readonly result: Promise<string> }[]
}

async function ask(start: AgentStart, format: Format, history: readonly object[]): Promise<Begun> {
  const calls: { call: ModelCall; result: Promise<string> }[] = []
  const reply: Reply = {
    text: '',
    call: (call) => void calls.push({ call, result: run(start, call) }),
  }
  const { path, headers, body } = format.request(start, instructions, history)
  const response = await fetch(`${start.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
  const streamed = response.headers.get('content-type')?.includes('json') !== true
  if (start.stream && streamed) {
    const read = format.stream(reply)
    for await (const data of events(response)) read(data)
  } else format.whole(JSON.parse((await response.text()).replace(/^\ufeff/, '')), reply)
  return { text: reply.text, calls }
}

/** The data of the events of a stream; also what came before it broke off. */
async function* events(response: Response): AsyncGenerator {
  let text = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    const lines = text.split(/\r\n|\n|\r/)
    text = lines.pop() ?? ''
    for (const line of lines) yield* dataOf(line)
  }
  yield* dataOf(text)
}

function* dataOf(line: string): Generator {
  const data = /^data: ?(.*)$/.exec(line)?.[1]
  if (data === undefined || data === '[DONE]') return
  yield JSON.parse(data)
}

async function run(start: AgentStart, { name, arguments: given }: ModelCall): Promise<string> {
  if (name === 'shell') return await start.execute(name, given)
  const named = start.tools.find((tool) => tool.name === name)
  const meant = named ?? start.tools.find((tool) => tool.name === plainName(name))
  return meant === undefined ? `there is no tool ${name}` : await start.execute(meant.name, given)
}

/** A name without what makes it look like one: other alphabets, invisible characters, prefixes. */
function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/\p{Cf}|\s/gu, '')
    .replace(/^functions\./, '')
    .toLowerCase()
    .replaceAll(/[\u0430\u0441\u0435\u043e]/g, (letter) => latin[letter] ?? letter)
}

const latin: Readonly<Record<string, string>> = {
  '\u0430': 'a',
  '\u0441': 'c',
  '\u0435': 'e',
  '\u043e': 'o',
}
