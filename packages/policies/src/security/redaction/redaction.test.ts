import * as fc from 'fast-check'
import { openReply } from '@holdfast/core'
import type { LlmCall, Run } from '@holdfast/core'
import { expect, test } from 'vitest'
import { callTo, wireNames } from '../../testing/exchange.ts'
import type { Ask, WireName } from '../../testing/exchange.ts'
import { answer, play, textOf } from '../testing/exchange.ts'
import { security } from '../security.ts'
import type { Security } from '../security.ts'
import type { Play } from '../testing/exchange.ts'
import type { SecurityOptions } from '../options.ts'

const card = '4111 1111 1111 1111'
const iban = 'DE89370400440532013000'
const run = (session: string, user = 'ada'): Run => ({ id: session, session, user })

/** As `play`, for calls that go well. */
async function exchange(policies: Security, ask: Ask, say: Play['say'], cut?: number) {
  const played = await play(policies, { ...ask, say, ...(cut === undefined ? {} : { cut }) })
  if (played.error !== undefined) throw played.error
  return played
}

const issuedIn = (sent: string): string[] =>
  sent.match(/PRIVATE_[A-Z0-9_]+?_[0-9A-HJKMNP-TV-Z]{12}/g) ?? []

test.each(wireNames.flatMap((wire) => [true, false].map((streaming) => ({ wire, streaming }))))(
  '$wire, streaming $streaming: a value goes out as a placeholder and comes back as itself',
  async ({ wire, streaming }) => {
    const ask = { wire, streaming, prompt: `Charge ${card}, please.`, run: run('s1') }
    const { sent, text } = await play(security(), {
      ...ask,
      say: (body) => textOf(`I charged ${issuedIn(body)[0]} for you. Paris, PRIVATELY.`),
    })
    expect(sent).not.toContain(card)
    expect(issuedIn(sent)).toHaveLength(1)
    expect(text).toBe(`I charged ${card} for you. Paris, PRIVATELY.`)
  },
)

test.each(wireNames)('%s: in arguments of a tool the value is escaped as JSON', async (wire) => {
  const secret = 'pa"ss\\word-4711-Xy'
  const recognizers = [{ kind: 'badge', risk: 'high' as const, pattern: /pa"ss\\word-[\w-]+/g }]
  const policies = security({ redaction: { personalData: { recognizers } } })
  for (const streaming of [true, false]) {
    const { sent, toolArguments } = await exchange(
      policies,
      { wire, streaming, prompt: `Use ${secret} now`, run: run('s1') },
      (body) => [
        { type: 'message-start', id: 'm', model: 'test-model' },
        { type: 'tool-call-start', choice: 0, index: 0, id: 'c1', name: 'login' },
        { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"password":"' },
        { type: 'tool-call-delta', choice: 0, index: 0, arguments: `${issuedIn(body)[0]}","a":1}` },
        { type: 'finish', choice: 0, reason: 'tool-calls', raw: 'tool_calls' },
      ],
    )
    expect(sent).not.toContain('4711')
    expect(JSON.parse(toolArguments)).toEqual({ password: secret, a: 1 })
  }
})

test('nothing to take out: the request and the reply go through as they are', async () => {
  const policies = security()
  const { call } = callTo('http://model.test', { prompt: 'What is 12 percent of 4.5 million?' })
  const reply = await openReply(call, answer(call, textOf('540,000'), 9))
  const seen: LlmCall[] = []
  const handed = await policies.llm(call, (inner: LlmCall) => {
    seen.push(inner)
    return Promise.resolve(reply)
  })
  expect(seen[0]).toBe(call)
  expect(handed).toBe(reply)
})

test('a value is the same placeholder in each turn of a session, and another in another', async () => {
  const policies = security({ redaction: { key: 'a key of twenty characters' } })
  const sentIn = async (session: string, user?: string, with_ = policies) =>
    (await exchange(with_, { prompt: `IBAN ${iban}`, run: run(session, user) }, () => textOf('ok')))
      .sent
  const first = await sentIn('s1')
  expect(await sentIn('s1')).toBe(first)
  expect(await sentIn('s2')).not.toBe(first)
  expect(await sentIn('s1', 'bob')).not.toBe(first)
  const afterRestart = security({ redaction: { key: 'a key of twenty characters' } })
  expect(await sentIn('s1', 'ada', afterRestart)).toBe(first)
})

test('a placeholder of another session, or a made-up one, is left as it is', async () => {
  const policies = security()
  const { sent } = await exchange(policies, { prompt: iban, run: run('s1', 'ada') }, () =>
    textOf(''),
  )
  const [stolen = ''] = issuedIn(sent)
  const said = `${stolen} and PRIVATE_IBAN_0123456789AB, and PRIVATE_`
  for (const asking of [run('s1', 'bob'), run('s2', 'ada'), undefined]) {
    for (const streaming of [true, false]) {
      const { text } = await exchange(
        policies,
        { prompt: `mine is ${card}`, streaming, ...(asking ? { run: asking } : {}) },
        () => textOf(said),
      )
      expect(text).toBe(said)
    }
  }
})

test('what was known without its context is taken out too, and a number in JSON leaves JSON', async () => {
  const { call } = callTo('http://model.test')
  const message = (role: 'user' | 'assistant', text: string) => ({
    role,
    parts: [{ type: 'text' as const, text }],
  })
  const changed = call.with({
    request: {
      ...call.request,
      messages: [
        message('user', 'My bank account number is 1234567890.'),
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              id: 'c',
              name: 'pay',
              arguments: '{"to":"1234567890","card":4111111111111111}',
            },
          ],
        },
        message('user', 'Again: 1234567890'),
      ],
    },
  })
  let sent = ''
  await security().llm(changed, (inner) => {
    sent = String(inner.http.body)
    return openReply(inner, answer(inner, textOf(''), 9))
  })
  expect(sent).not.toMatch(/1234567890|4111/)
  const { messages } = JSON.parse(sent)
  expect(Object.keys(JSON.parse(messages[1].tool_calls[0].function.arguments))).toEqual([
    'to',
    'card',
  ])
})

test("documents of text, schemas and the provider's own members are looked through, ids and data are not", async () => {
  const id = 'resp_4111111111111111'
  const picture = Buffer.from(card).toString('base64')
  const { sent } = await play(security(), {
    wire: 'anthropic-messages',
    request: () => ({
      messages: [
        {
          role: 'user',
          parts: [
            {
              type: 'media',
              kind: 'document',
              mediaType: 'text/plain',
              data: Buffer.from(`card ${card}`).toString('base64'),
            },
            { type: 'media', kind: 'image', mediaType: 'image/png', data: picture },
            { type: 'text', text: 'cached', extra: { cache_control: { note: iban } } },
          ],
        },
      ],
      tools: [{ name: 'pay', parameters: { description: `like ${iban}` } }],
      extra: { prediction: { content: iban }, container_id: id },
    }),
    say: () => textOf(''),
  })
  expect(sent).not.toContain(card)
  expect(sent).not.toContain(iban)
  expect(sent).toContain(id)
  expect(sent).toContain(picture)
})

test('titles of documents, examples and descriptions of tools, variables and stops are looked through', async () => {
  const { sent } = await play(security(), {
    wire: 'anthropic-messages',
    request: () => ({
      messages: [
        {
          role: 'user',
          parts: [
            {
              type: 'media',
              kind: 'document',
              mediaType: 'application/pdf',
              data: 'JVBERi0=',
              extra: { title: iban, context: `of ${iban}` },
            },
            { type: 'text', text: 'read it' },
          ],
        },
      ],
      tools: [
        { name: 'pay', extra: { input_examples: [{ to: iban }] } },
        { name: 'web', provider: { type: 'web_1', name: 'web', server_description: iban } },
      ],
      stopSequences: [iban],
      extra: { prompt_cache_key: `user ${iban}`, prompt: { variables: { customer_id: iban } } },
    }),
    say: () => textOf(''),
  })
  expect(sent).toContain('PRIVATE_IBAN')
  expect(sent).not.toContain(iban)
})

test('a value that only the members of arguments show is taken out of what stands before it', async () => {
  const number = 5_555_555_555_554_444
  const { sent, error } = await play(security(), {
    request: () => ({
      messages: [
        { role: 'user', parts: [{ type: 'text', text: `No. ref-${number}-x` }] },
        {
          role: 'assistant',
          parts: [
            {
              type: 'tool-call',
              id: 'c',
              name: 'pay',
              arguments: `{"a":${number},"b":[${number},1]}`,
            },
          ],
        },
      ],
    }),
    say: () => textOf(''),
  })
  expect(error).toBeUndefined()
  expect(sent).not.toContain(String(number))
})

test('a secret that its name gave away is taken out where it stands without it, and in later turns', async () => {
  const policies = security()
  const ask = (prompt: string) =>
    exchange(policies, { prompt, run: run('s') }, () => textOf('REDACTED_ASSIGNED'))
  expect((await ask('password: hunter2-Blue77')).sent).toContain('password: REDACTED_ASSIGNED')
  const later = await ask('is hunter2-Blue77 safe?')
  expect(later.sent).toContain('is REDACTED_ASSIGNED safe?')
  expect(later.text).toBe('REDACTED_ASSIGNED')
})

test('what a hundred sessions said is not kept, but their values are', async () => {
  const policies = security()
  const ask = (session: number, say: Play['say']) =>
    exchange(policies, { prompt: `card ${card}`, run: run(`s${session}`) }, say)
  const placeholders: string[] = []
  for (let session = 0; session < 100; session++) {
    const { sent } = await ask(session, () => textOf(''))
    placeholders.push(issuedIn(sent)[0] ?? '')
  }
  expect(new Set(placeholders).size).toBe(100)
  expect(
    (await ask(0, () => textOf(`It is ${placeholders[0]}, not ${placeholders[1]}`))).text,
  ).toBe(`It is ${card}, not ${placeholders[1]}`)
})

test('ten thousand values in one text are ten thousand placeholders, in good time', async () => {
  const people = Array.from({ length: 10_000 }, (_, index) => `p${index}@example.com`)
  const { sent, error } = await play(security({ redaction: { kinds: { email: 'reversible' } } }), {
    prompt: people.join(' '),
    say: () => textOf(''),
  })
  expect(error).toBeUndefined()
  expect(sent).not.toContain('@example.com')
})

test('a placeholder that was written as Markdown is the same placeholder, in one piece or in many', async () => {
  for (const delta of [1, 2, 7, 500]) {
    const { text } = await play(security(), {
      prompt: `card ${card}`,
      say: (body) => textOf(`**${issuedIn(body)[0]?.replaceAll('_', '\\_')}** PRIVATE\\_`, delta),
    })
    expect(text).toBe(`**${card}** PRIVATE\\_`)
  }
})

test('an answer in JSON stays JSON, whatever the value', async () => {
  const recognizers = [{ kind: 'name', risk: 'high' as const, pattern: /Ada "the\nCountess" L\./g }]
  const { text } = await play(security({ redaction: { personalData: { recognizers } } }), {
    prompt: 'I am Ada "the\nCountess" L.',
    request: () => ({ output: { type: 'json' } }),
    say: (body) => textOf(`{"name":"${issuedIn(body)[0]}"}`, 4),
  })
  expect(JSON.parse(text)).toEqual({ name: 'Ada "the\nCountess" L.' })
})

test('kinds: irreversible, block and off', async () => {
  const kinds = (of: SecurityOptions['redaction']) => security({ redaction: of ?? false })
  const ask = { prompt: `mail jane@example.com, card ${card}`, run: run('s') }
  const cut = await exchange(kinds({ kinds: { email: 'irreversible', high: 'off' } }), ask, () =>
    textOf('REDACTED_EMAIL'),
  )
  expect(cut.sent).toContain(`mail REDACTED_EMAIL, card ${card}`)
  expect(cut.text).toBe('REDACTED_EMAIL')
  await expect(
    exchange(kinds({ kinds: { 'credit-card': 'block' } }), ask, () => textOf('')),
  ).rejects.toMatchObject({ code: 'CALL_REFUSED', message: expect.not.stringContaining(card) })
})

test('a key of the process goes nowhere, also where redaction is off', async () => {
  const key = 'sk-live-9f8a7b6c5d4e3f2a1b0c'
  const headerKey = 'hk_7Gd83jKs0Lqp29dkLs93'
  const policies = security(
    { redaction: false },
    { environment: { MY_API_KEY: key, AUTHOR: 'Jane Doe 1234567' } },
  )
  const say = () => textOf('ok')
  for (const prompt of [
    key,
    encodeURIComponent(key),
    Buffer.from(`x${key}`).toString('base64'),
    headerKey,
  ]) {
    const { sent } = await exchange(
      policies,
      { prompt: `It is ${prompt}!`, apiKey: headerKey },
      say,
    )
    expect(sent).toMatch(/It is .*REDACTED_OWN_KEY/)
    expect(sent).not.toContain(prompt)
  }
  const other = await exchange(policies, { prompt: 'by Jane Doe 1234567' }, say)
  expect(other.sent).toContain('Jane Doe 1234567')
})

test('what a tool gets are the real values, and only those of its session', async () => {
  const policies = security()
  const { sent } = await exchange(policies, { prompt: iban, run: run('s1') }, () => textOf(''))
  const [placeholder = ''] = issuedIn(sent)
  const executedWith = async (session: string, given: unknown) => {
    let executed: unknown
    await policies.tool(
      {
        kind: 'tool',
        id: 't',
        name: 'pay',
        arguments: given,
        toolCallId: undefined,
        framework: 'test',
        run: run(session),
        emit: () => {},
      },
      (inner) => {
        executed = inner.arguments
        return Promise.resolve({ value: 'done' })
      },
    )
    return executed
  }
  expect(await executedWith('s1', { type: placeholder, list: [placeholder, 1] })).toEqual({
    type: iban,
    list: [iban, 1],
  })
  expect(await executedWith('s1', `{"to":"${placeholder}"}`)).toBe(`{"to":"${iban}"}`)
  expect(await executedWith('s2', { to: placeholder })).toEqual({ to: placeholder })
  expect(policies.reveal(`pay ${placeholder}`, run('s1'))).toBe(`pay ${iban}`)
})

const values = fc.constantFrom(
  card,
  iban,
  '536-90-4399',
  '943 476 5919',
  'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq',
  '529.982.247-25',
)
// What a number stands behind can make it something else; capitals and digits do.
const around = fc.string({
  unit: fc.constantFrom(...Array.from('abc é"\\\n{}.,€😀')),
  maxLength: 30,
})
const words = fc.string({
  unit: fc.constantFrom(...Array.from('abcP PRIVATE_é"\\\n{}.,€😀')),
  maxLength: 30,
})

test('whatever the text, the cuts and the wire: no value goes up, and the answer is what the model said', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(around, values), { minLength: 1, maxLength: 4 }),
      words,
      fc.constantFrom<WireName>(...wireNames),
      fc.boolean(),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 25 }),
      async (planted, end, wire, streaming, cut, delta) => {
        const prompt = planted.map(([before, value]) => `${before} ${value} `).join('') + end
        const ask = { wire, streaming, prompt, run: run('s') }
        let said = ''
        const { sent, text } = await exchange(
          security(),
          ask,
          (body) => textOf((said = `${end}${issuedIn(body).join('.')}P${end}`), delta),
          cut,
        )
        for (const [, value] of planted) expect(sent).not.toContain(value)
        const placeholders = [...new Set(issuedIn(sent))]
        const inOrder = [...new Set(planted.map(([, value]) => value))]
        expect(placeholders).toHaveLength(inOrder.length)
        const expected = placeholders.reduce(
          (all, placeholder, index) => all.replaceAll(placeholder, inOrder[index] ?? ''),
          said,
        )
        expect(text).toBe(expected)
      },
    ),
    { numRuns: 150 },
  )
}, 30_000)
