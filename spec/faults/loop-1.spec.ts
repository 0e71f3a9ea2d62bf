// The fault loop, one half of it: each half has a process of its own.
import { loopOver } from './loop.ts'

loopOver(0)
