import type { Sandbox } from './sandbox.ts';

/**
 * The sandbox this machine has, or why it has none. A refusal is for the user to read: code tasks
 * are then left out with that reason; nothing is ever run unconfined.
 */
export async function findSandbox(): Promise<Sandbox | { refused: string }> {
  return { refused: 'The sandbox for code tasks is not in this version yet.' };
}
