import { currentRun } from '@holdfast/core'
import { expect, test } from 'vitest'
import { Runs } from './runs.ts'

test('a run that begins apart has no parent and takes nothing from where it began', () => {
  const runs = new Runs({
    identify: () => undefined,
    around: (_run, _named, work) => work(),
    usual: { tenant: 'acme' },
  })
  const begun = runs.run({ session: 'a', user: 'ada' }, () => [
    runs.runHinted({ session: 'b' }, currentRun),
    runs.runHinted({ session: 'b', apart: true }, currentRun),
    currentRun(),
  ])
  const [part, apart, around] = begun
  expect(part).toMatchObject({ session: 'b', user: 'ada', parent: { session: 'a' } })
  expect(apart).toEqual({ id: apart?.id, session: 'b', tenant: 'acme' })
  expect(around).toMatchObject({ session: 'a' })
})
