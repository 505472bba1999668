import type { Carried } from './check-request.ts'

/** One row for each ordered pair. */
export function pairTable(
  all: readonly Carried[],
): Record<string, Record<string, number | string>> {
  const pairs = Object.groupBy(all, ({ from, to }) => `${from} -> ${to}`)
  return Object.fromEntries(
    Object.entries(pairs).map(([pair, of]) => {
      const whole = of.filter(isWhole)
      const back = whole.filter((one) => one.back !== undefined)
      const same = back.filter((one) => one.back === 'same' && one.failed === undefined)
      const row = {
        carried: of.length,
        'without loss': share(whole.length, of.length),
        'named losses': share(of.filter(isNamed).length, of.length),
        failures: of.filter(({ failed }) => failed !== undefined).length,
      }
      return [
        pair,
        back.length === 0 ? row : { ...row, 'back the same': `${same.length} of ${back.length}` },
      ]
    }),
  )
}

/** How often each loss was named. */
export function lossTable(
  all: readonly Carried[],
): Record<string, { readonly severity: string; readonly times: number }> {
  const losses = all.flatMap((one) => one.losses)
  const byName = Object.groupBy(losses, ({ what }) => what)
  const rows = Object.entries(byName).map(
    ([what, of = []]): [string, { severity: string; times: number }] => [
      what,
      { severity: of[0]?.severity ?? '', times: of.length },
    ],
  )
  return Object.fromEntries(rows.toSorted(([, a], [, b]) => b.times - a.times).slice(0, 40))
}

/** The last line. */
export function figure(requests: readonly Carried[], answers: readonly Carried[]): string {
  const all = [...requests, ...answers]
  const whole = requests.filter(isWhole)
  const same = whole.filter(({ back }) => back === 'same').length
  const named = whole.filter(({ back }) => back === 'named').length
  const failures = all.filter(({ failed }) => failed !== undefined).length
  const pairs = new Set(all.map(({ from, to }) => `${from} ${to}`)).size
  return (
    `translate: ${pairs} pairs, ${requests.length} requests (${share(whole.length, requests.length)} without loss, ` +
    `${share(requests.filter(isNamed).length, requests.length)} with named losses), ` +
    `${answers.length} answers (${share(answers.filter(isWhole).length, answers.length)} without loss, ` +
    `${share(answers.filter(isNamed).length, answers.length)} with named losses), ${failures} failures; ` +
    `there and back the same meaning: ${same} of ${whole.length - named} carried without loss either way`
  )
}

function isWhole({ losses, failed }: Carried): boolean {
  return losses.length === 0 && failed === undefined
}

function isNamed({ losses, failed }: Carried): boolean {
  return losses.length > 0 && failed === undefined
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`
}
