// `pnpm translate`: carries recorded requests and answers between the formats, every ordered pair.
import { loadExchanges, recordingsFolder } from '../recordings/load.ts'
import { serveRecordings } from '../recordings/serve.ts'
import { canBeCarried, checkAnswer } from './check-answer.ts'
import { type Carried, checkRequest, requestOf } from './check-request.ts'
import { type FormatName, formatNames } from './formats.ts'
import { startCatcher } from './send.ts'
import { lossTable, pairTable, figure } from './print.ts'

const folder = recordingsFolder()
if (folder === undefined) {
  console.log('skipped: no recordings in ../shared/recordings, and HOLDFAST_RECORDINGS names none')
} else process.exitCode = await run(folder)

async function run(from: string): Promise<number> {
  const exchanges = loadExchanges(from).filter(({ wire }) =>
    formatNames.includes(wire as FormatName),
  )
  const catcher = await startCatcher()
  const server = await serveRecordings()
  const requests: Carried[] = []
  const answers: Carried[] = []
  for (const exchange of exchanges) {
    const wire = exchange.wire as FormatName
    const others = formatNames.filter((name) => name !== wire)
    const request = requestOf(exchange)
    // A request that its own provider called wrong is nobody else's to answer.
    if (request !== undefined && exchange.status !== 400 && exchange.status !== 422) {
      for (const to of others) {
        const pair = { file: exchange.file, from: wire, to }
        requests.push(await checkRequest(request, pair, catcher))
      }
    }
    if (!(await canBeCarried(exchange))) continue
    for (const to of others) answers.push(await checkAnswer(exchange, { from: wire, to }, server))
  }
  await catcher.close()
  await server.close()

  console.log('Requests')
  console.table(pairTable(requests))
  console.log('Answers')
  console.table(pairTable(answers))
  console.log('What requests lost')
  console.table(lossTable(requests))
  console.log('What answers lost')
  console.table(lossTable(answers))
  const failed = [...requests, ...answers].filter((one) => one.failed !== undefined)
  if (failed.length > 0) console.log(`\nFailed (${failed.length}):`)
  for (const { file, from: asked, to, failed: why } of failed) {
    console.log(`  ${file}\n    ${asked} -> ${to}: ${why}`)
  }
  console.log(`\n${figure(requests, answers)}`)
  return failed.length > 0 ? 1 : 0
}
