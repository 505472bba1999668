import { userInfo } from 'node:os'

/** The user of the system, as far as it knows one. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
