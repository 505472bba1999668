import { visibleText } from '@holdfast/policies/approvals'
import type { DoctorFacts } from '../../doctor/facts.ts'
import type { Finding, Severity } from '../../doctor/finding.ts'
import { coverageText } from './coverage-text.ts'
import type { ApplicationRun } from '../../doctor/run-application.ts'

const places: Readonly<Record<Finding['to'], string>> = {
  options: 'instrument({ … }) or holdfast.config.json',
  code: 'your code',
  environment: 'the environment',
  shell: 'a shell',
  schema: "the tool's schema",
}

/** What the doctor has found, for people: the worst first, each with the line to add. */
export function doctorText(
  facts: DoctorFacts,
  findings: readonly Finding[],
  ran: ApplicationRun | undefined,
): string {
  const { calls, tools, optionsFrom } = facts
  const seen = [
    `options of ${optionsFrom}`,
    counted(calls.calls, 'model call'),
    counted(tools.length, 'tool'),
    ...(ran === undefined ? [] : [counted(facts.processCount, 'process', 'processes')]),
  ]
  let text = `looked at: ${seen.join(', ')}\n`
  if (ran?.exitCode !== undefined && ran.exitCode !== 0) {
    text += `the application ended with exit code ${ran.exitCode}\n`
  }
  if (facts.journalProblem !== undefined) {
    text += `the journal could not be looked at: ${visibleText(facts.journalProblem)}\n`
  }
  if (calls.calls === 0) {
    text +=
      ran === undefined
        ? 'no model call was seen: holdfast doctor --run app.js looks at the application at work\n'
        : 'it made no model call in this time: --for 60s gives it more\n'
  }
  if (ran !== undefined) text += coverageText(facts)
  for (const { severity, check, problem, evidence, add, to } of findings) {
    text += `\n${severity.toUpperCase()}  ${check}: ${problem}\n`
    text += `  seen  ${visibleText(evidence)}\n  add   ${visibleText(add)}\n        to ${places[to]}\n`
  }
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length
  const total = `${count('critical')} critical, ${counted(count('warning'), 'warning')}, ${counted(count('advice'), 'piece', 'pieces')} of advice`
  return `${text}\n${findings.length === 0 ? 'nothing is missing' : total}\n`
}

function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
