import type { MemoryPlace, MemoryVersion } from '@holdfast/core/memory'
import { timeOf, visibleText as visible } from '@holdfast/policies/approvals'
import type { RecallHit } from '@holdfast/policies/memory'
import { columns } from '../journal/columns.ts'

/** Memories as a table, as they come. */
export function memoriesText(versions: readonly MemoryVersion[]): string {
  if (versions.length === 0) return 'no memories\n'
  const rows = versions.map(({ id, kind, place, version, atMs, text }) => [
    id,
    kind,
    whoseText(place),
    `${version}`,
    timeOf(atMs),
    shortText(text),
  ])
  return columns([['id', 'kind', 'whose', 'version', 'since', 'text'], ...rows])
}

/** One memory, with everything that is known of it. */
export function describeMemory(memory: MemoryVersion): string {
  const { id, kind, place, topic, version, atMs, expiresAtMs, importance, source, text } = memory
  const rows = [
    ['whose', whoseText(place)],
    ['topic', topic ?? ''],
    ['version', `${version}, since ${timeOf(atMs)}`],
    ['expires', expiresAtMs === undefined ? '' : timeOf(expiresAtMs)],
    ['importance', importance.toFixed(2)],
    ['written by', sourceText(memory)],
    ['run', source.runId ?? ''],
    ['call', source.callId ?? ''],
    ['session', source.session ?? ''],
  ].filter(([, value]) => value !== '')
  const facts = columns(rows.map(([name = '', value = '']) => [`  ${name}`, visible(value)]))
  return `Memory ${id}: ${kind}\n${facts}\n${visibleLines(text)}\n`
}

/** What was said of one thing, oldest first. */
export function historyText(versions: readonly MemoryVersion[]): string {
  const rows = versions.map((one, index) => {
    const next = versions[index + 1]
    return [
      `${one.version}`,
      timeOf(one.atMs),
      next === undefined ? 'now' : timeOf(next.atMs),
      sourceText(one),
      shortText(one.text),
    ]
  })
  return columns([['version', 'from', 'until', 'written by', 'text'], ...rows])
}

/** What a recall has found, best first. */
export function hitsText(hits: readonly RecallHit[]): string {
  if (hits.length === 0) return 'nothing fits\n'
  const rows = hits.map(({ memory, scores }) => [
    memory.id,
    ...[scores.total, scores.relevance, scores.coverage, scores.recency, scores.importance].map(
      (score) => score.toFixed(2),
    ),
    shortText(memory.text),
  ])
  const head = ['id', 'score', 'relevance', 'coverage', 'recency', 'importance', 'text']
  return columns([head, ...rows])
}

function whoseText({ tier, tenant, user, namespace, session }: MemoryPlace): string {
  const names = [
    namespace === undefined ? '' : `namespace ${namespace}`,
    user === undefined ? '' : `user ${user}`,
    session === undefined ? '' : `${tier} ${session}`,
    tenant === undefined ? '' : `tenant ${tenant}`,
  ]
  return visible(names.filter((name) => name !== '').join(', '))
}

function sourceText({ source: { by, agent, user } }: MemoryVersion): string {
  const who = [agent === undefined ? '' : `agent ${agent}`, user === undefined ? '' : `of ${user}`]
  return visible([by, ...who.filter((one) => one !== '')].join(', '))
}

/** One line, so long that a table stays one. */
function shortText(text: string): string {
  const line = visible(text.replaceAll(/\s+/g, ' ').trim())
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}

function visibleLines(text: string): string {
  return text
    .split('\n')
    .map((line) => visible(line))
    .join('\n')
}
