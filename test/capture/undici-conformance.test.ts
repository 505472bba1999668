import { describeConformance } from './describe-conformance.ts'

describeConformance('undici', { claimedMin: 100 })
