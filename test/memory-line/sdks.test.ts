import { inProcessMemoryStore } from '@holdfast/core/memory'
import { startLab } from '@holdfast/lab'
import type { Lab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { CallEvent, Holdfast, HoldfastOptions } from 'holdfast'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { user, ways } from './sdks.ts'
import type { Said } from './sdks.ts'

let lab: Lab
let holdfast: Holdfast
const events: CallEvent[] = []
beforeEach(async () => {
  lab = await startLab({
    script: ({ bodyText }) => ({
      text: bodyText.includes('aisle seat') ? 'An aisle seat, as you like it.' : 'Noted.',
    }),
  })
})
afterEach(async () => {
  await holdfast.uninstrument()
  await lab.close()
})

function start(memory: Exclude<HoldfastOptions['memory'], boolean> = {}): void {
  holdfast = instrument({ telemetry: false, memory: { store: inProcessMemoryStore(), ...memory } })
  events.length = 0
  holdfast.on((event) => events.push(event))
}

describe.each(ways)('$name, streamed: $streaming', ({ ask: askSdk, streaming }) => {
  const ask = (of: { user?: string; session: string }, ...conversation: readonly Said[]) =>
    holdfast.run(of, () => askSdk(lab, conversation, streaming))

  test('what was said in one conversation is known in the next, to that user alone', async () => {
    start()
    await ask({ user: 'ada', session: '1' }, user('I prefer an aisle seat on flights.'))
    const question = user('Which seat do I get on my flights?')
    await learnt('ada')

    expect(await ask({ user: 'ada', session: '2' }, question)).toBe(
      'An aisle seat, as you like it.',
    )
    expect(await ask({ user: 'bob', session: '3' }, question)).toBe('Noted.')
    expect(await ask({ session: '4' }, question)).toBe('Noted.')
    expect(events.filter(({ type }) => type === 'memory-injected')).toHaveLength(1)
  })

  test('how a user wants to be answered is known whatever is asked', async () => {
    start()
    await ask({ user: 'ada', session: '1' }, user('Please always answer in German.'))
    await learnt('ada')
    await ask({ user: 'ada', session: '2' }, user('How high is Mont Blanc?'))

    expect(lab.requests.at(-1)?.bodyText).toContain('always answer in German')
  })

  test('a stateless caller goes on with its conversation', async () => {
    start({ sessionTurns: true, learn: false })
    const of = { user: 'ada', session: '1' }
    await ask(of, user('The flight is on Monday, in an aisle seat.'))

    expect(await ask(of, user('What did I say of the flight on that day?'))).toBe(
      'An aisle seat, as you like it.',
    )
    expect(lab.requests.at(-1)?.bodyText.match(/on Monday/g)).toHaveLength(1)
  })
})

/** Waits until something is known of the user. */
async function learnt(name: string): Promise<void> {
  await expect
    .poll(async () => (await holdfast.memory.export({ user: name })).memories.length)
    .toBeGreaterThan(0)
}
