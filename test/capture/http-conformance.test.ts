import { describeConformance } from './describe-conformance.ts'

describeConformance('http', { claimedMin: 100 })
