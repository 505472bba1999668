import type { ErrorFacts } from './cell-result.ts'
import type { ErrorClass } from './clients/client.ts'

/** Describes what an application caught, as plain data. */
export function errorFacts(error: unknown, sdkClasses: readonly ErrorClass[]): ErrorFacts {
  const chain = errorsBelow(error).map((each) => ({
    // Some errors have none, whatever the types say.
    name: text(each.name) ?? '',
    code: text(field(each, 'code')),
    message: each.message.slice(0, 300),
  }))
  const status = errorsBelow(error)
    .flatMap((each) => [field(each, 'status'), field(each, 'statusCode')])
    .find((value) => typeof value === 'number')
  return {
    classes: classNames(error),
    instanceOf: sdkClasses.filter((each) => error instanceof each).map(({ name }) => name),
    status: typeof status === 'number' ? status : undefined,
    message: error instanceof Error ? error.message.slice(0, 300) : String(error),
    chain,
  }
}

function classNames(error: unknown): string[] {
  const names: string[] = []
  let type: unknown = error instanceof Error ? error.constructor : undefined
  while (typeof type === 'function' && type !== Error && type !== Object && type.name !== '') {
    names.push(type.name)
    type = Object.getPrototypeOf(type)
  }
  return names
}

/** The error, its causes, and where an SDK keeps several tries, each of them; at most 20. */
function errorsBelow(error: unknown): Error[] {
  const found = new Set<Error>()
  const visit = (value: unknown): void => {
    if (!(value instanceof Error) || found.has(value) || found.size === 20) return
    found.add(value)
    visit(value.cause)
    visit(field(value, 'lastError'))
    const errors = field(value, 'errors')
    if (Array.isArray(errors)) for (const each of errors) visit(each)
  }
  visit(error)
  return [...found]
}

function field(error: Error, name: string): unknown {
  return (error as unknown as Record<string, unknown>)[name]
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
