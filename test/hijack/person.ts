import type { ApprovalChannelSetting, HoldfastOptions } from 'holdfast'
import type { SettingName } from './settings.ts'

/** A call that a person has said yes to. */
export interface ApprovedCall {
  readonly tool: string
  /** What was shown: canonical JSON. */
  readonly argumentsText: string
}

/** Somebody who is asked, and who says yes so many times and no ever after. */
export class Person {
  readonly approved: ApprovedCall[] = []
  #yes: number
  asked = 0

  constructor(setting: SettingName) {
    this.#yes = setting === 'approved-once' ? 1 : 0
  }

  /** What instrument() is given for it. */
  options(): HoldfastOptions {
    const channel: ApprovalChannelSetting = {
      name: 'person',
      tell: async ({ record, approve, deny }) => {
        this.asked++
        if (this.#yes-- <= 0) {
          await deny('I did not ask for that.')
          return
        }
        const { tool, argumentsText } = record
        this.approved.push({ tool, argumentsText })
        await approve()
      },
    }
    return { approvals: { channels: [channel] } }
  }
}
