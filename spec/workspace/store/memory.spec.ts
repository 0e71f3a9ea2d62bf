import { memoryStore } from '../../../lib/workspace/store/memory.ts'
import { storeContract } from '../../contract/store.ts'

storeContract('in memory', async () => memoryStore())
