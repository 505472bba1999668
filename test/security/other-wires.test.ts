import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { Holdfast } from 'holdfast'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { clients, words } from '../wires/clients.ts'

// The clients' own words count as something to keep from models.
const recognizers = [{ kind: 'greeting', risk: 'high' as const, pattern: new RegExp(words, 'g') }]

let lab: Lab
let holdfast: Holdfast | undefined
beforeAll(async () => {
  lab = await startLab({
    script: ({ bodyText }) => ({
      text: `You said ${/PRIVATE_GREETING_\w{12}/.exec(bodyText)?.[0] ?? 'nothing'}, in PRIVATE. Paris.`,
      chunks: 25,
    }),
  })
})
afterAll(() => lab.close())
beforeEach(() => {
  lab.reset()
  holdfast = instrument({
    security: { redaction: { personalData: { recognizers } } },
    aws: {
      credentials: () => Promise.resolve({ accessKeyId: 'AKIALAB', secretAccessKey: 'secret' }),
    },
  })
})
afterEach(() => holdfast?.uninstrument())

test.each(
  clients.flatMap(([name, , ask]) => [false, true].map((streaming) => ({ name, ask, streaming }))),
)(
  '$name, streaming $streaming: the value stays here and comes back',
  async ({ ask, streaming }) => {
    expect(await ask(lab, streaming)).toBe(`You said ${words}, in PRIVATE. Paris.`)
    expect(lab.requests).toHaveLength(1)
    expect(lab.requests[0]?.bodyText).not.toContain(words)
  },
)
