// `pnpm recordings`: holds what Holdfast reads in recorded answers against the providers' own SDKs.
import { checkExchange, type Finding } from './check.ts'
import { unusedExceptions } from './exceptions.ts'
import { loadExchanges, recordingsFolder } from './load.ts'
import { serveRecordings } from './serve.ts'

const seed = Number(process.env['HOLDFAST_SEED'] ?? 1)
const folder = recordingsFolder()
if (folder === undefined) {
  console.log('skipped: no recordings in ../shared/recordings, and HOLDFAST_RECORDINGS names none')
} else process.exitCode = await run(folder)

async function run(from: string): Promise<number> {
  const exchanges = loadExchanges(from)
  const server = await serveRecordings()
  const findings: Finding[] = []
  for (const exchange of exchanges) findings.push(await checkExchange(exchange, server, seed))
  await server.close()

  const table = Object.entries(Object.groupBy(findings, ({ exchange }) => exchange.wire))
  console.table(Object.fromEntries(table.map(([wire, of]) => [wire, row(of ?? [])])))
  const excepted = findings.filter(({ exception }) => exception !== undefined)
  console.log(`\nNot held against the SDK's own result (${excepted.length}):`)
  for (const { exchange, exception } of excepted) {
    console.log(`  ${exchange.file}\n    ${exception?.why}`)
  }
  const wrong = findings.filter((finding) => problemsOf(finding).length > 0)
  if (wrong.length > 0) console.log(`\nWrong (${wrong.length}):`)
  for (const finding of wrong) {
    console.log(`  ${finding.exchange.file}\n    ${problemsOf(finding).join('\n    ')}`)
  }
  const unused = unusedExceptions(exchanges.map(({ file }) => file))
  for (const name of unused) console.log(`\nNo recording is called ${name} any more.`)

  const right = findings.length - wrong.length
  const verified = findings.filter(({ exchange }) => exchange.lengthVerified)
  const identical = verified.filter((finding) => finding.identical)
  console.log(
    `\nrecordings: ${right} of ${findings.length} answers read as the providers' SDKs read them ` +
      `(${excepted.length} by the exceptions above), ` +
      `${identical.length} of ${verified.length} length-verified answers passed through byte by byte (seed ${seed})`,
  )
  return wrong.length > 0 || unused.length > 0 ? 1 : 0
}

function problemsOf(finding: Finding): string[] {
  return [
    ...(finding.unread === undefined ? [] : [`not read: ${finding.unread}`]),
    ...(finding.unequal === undefined ? [] : [`not equal: ${finding.unequal}`]),
    ...(finding.request === undefined ? [] : [`request: ${finding.request}`]),
    ...(finding.written === undefined ? [] : [`answer: ${finding.written}`]),
    ...(finding.identical ? [] : ['the frames are not the bytes that came in']),
  ]
}

function row(findings: readonly Finding[]): Record<string, string | number> {
  const of = (kind: Finding['kind']): Finding[] => findings.filter((one) => one.kind === kind)
  const equal = (list: readonly Finding[]): string =>
    `${list.filter((one) => one.unequal === undefined).length} of ${list.length}`
  const verified = findings.filter(({ exchange }) => exchange.lengthVerified)
  return {
    files: findings.length,
    read: findings.filter((one) => one.unread === undefined).length,
    'equal whole': equal(of('whole')),
    'equal streamed': equal(of('streamed')),
    'errors as failures': equal(of('error')),
    'byte-identical': findings.filter((one) => one.identical).length,
    'rewritten wrongly': findings.filter((one) => one.request ?? one.written).length,
    'of them verified': `${verified.filter((one) => one.identical).length} of ${verified.length}`,
  }
}
