/** The URL that fetch would call, or undefined where it is not HTTP or cannot be told without touching the input. */
export function urlOf(input: unknown): string | undefined {
  let url: string
  if (typeof input === 'string') url = input
  else if (input instanceof URL) url = input.href
  else if (input instanceof Request) url = input.url
  else return undefined
  const first = url.charCodeAt(0) | 0x20
  return first === 0x68 /* h */ ? url : undefined
}

/** The method that fetch would use, in upper case. */
export function methodOf(input: unknown, init: unknown): string {
  const given =
    (init as RequestInit | null | undefined)?.method ??
    (input instanceof Request ? input.method : undefined)
  return typeof given === 'string' ? given.toUpperCase() : 'GET'
}
