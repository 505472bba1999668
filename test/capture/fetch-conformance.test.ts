import { describeConformance } from './describe-conformance.ts'

describeConformance('fetch', {
  claimedMin: 60,
  transports: ['direct', 'original'],
  normalise: inNewerWords,
})

/** Node 22 says it in other words where an aborted body is read for the first time: the one difference there is. */
function inNewerWords(outcome: unknown): unknown {
  const text = JSON.stringify(outcome)
  return JSON.parse(text.replaceAll('The operation was aborted."', 'This operation was aborted"'))
}
