import { memoryApprovalStore } from '@holdfast/core/approvals'
import { describeApprovalStore } from './describe-approval-store.ts'

describeApprovalStore('memoryApprovalStore', async () => {
  let time = 1_700_000_000_000
  const store = memoryApprovalStore({ now: () => time })
  return {
    open: async () => store,
    pass: async (ms) => void (time += ms),
    end: async () => {},
  }
})
