/**
 * The descent of models, left to right: base, then the checkpoints of each run by step, then what
 * came out. Every node is a card that says what is known of it; an unusable one says why.
 */
import { Badge, Group, Paper, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import type { Lineage, LineageNode } from '../../main/contract/inspection.ts';
import { bytes, percent, significant } from '../state/numbers.ts';

interface Props {
  lineage: Lineage;
  chosen: string;
  onChoose: (node: LineageNode) => void;
}

function depthOf(node: LineageNode, byId: Map<string, LineageNode>): number {
  let depth = 0;
  let parent = node.parent;
  while (parent !== undefined && depth < 32) {
    depth += 1;
    parent = byId.get(parent)?.parent;
  }
  return depth;
}

/** "held-out loss 0.063 above the start of this run": how much weaker, or stronger, a model is. */
function gap(node: LineageNode, strong: LineageNode | undefined): string | undefined {
  if (strong === undefined || strong.id === node.id) return undefined;
  const words = (what: string, difference: number): string =>
    `${what} ${significant(Math.abs(difference), 3)} ${difference < 0 ? 'below' : 'above'} this run’s start`;
  if (node.heldOut !== undefined && strong.heldOut !== undefined) {
    return words('held-out loss', node.heldOut.loss - strong.heldOut.loss);
  }
  if (node.meanEntropy !== undefined && strong.meanEntropy !== undefined) {
    return words('entropy', node.meanEntropy - strong.meanEntropy);
  }
  return undefined;
}

interface CardProps {
  node: LineageNode;
  lineage: Lineage;
  strong: LineageNode | undefined;
  chosen: boolean;
  onChoose: (node: LineageNode) => void;
}

function NodeCard({ node, lineage, strong, chosen, onChoose }: CardProps) {
  const facts = [
    node.heldOut === undefined ? null : `loss ${significant(node.heldOut.loss)}`,
    node.heldOut?.accuracy === undefined ? null : percent(node.heldOut.accuracy),
    node.meanEntropy === undefined ? null : `entropy ${significant(node.meanEntropy, 3)}`,
    node.bytes === undefined ? null : bytes(node.bytes),
  ].filter((fact) => fact !== null);
  const distance = gap(node, strong);
  const isRecommended = lineage.recommended?.id === node.id;
  const isStart = strong?.id === node.id;
  return (
    <Tooltip label={node.path} openDelay={600}>
      <UnstyledButton
        className="focusable"
        role="radio"
        aria-checked={chosen}
        disabled={node.problem !== undefined}
        onClick={() => onChoose(node)}
        data-node={node.id}
      >
        <Paper
          p="sm"
          w={216}
          {...(chosen ? { className: 'chosen-card' } : {})}
          style={{ opacity: node.problem === undefined ? 1 : 0.6 }}
        >
          <Text fw={600} className="ellipsis">
            {node.label}
          </Text>
          {(isRecommended || isStart) && (
            <Group gap={6} my={2}>
              {isRecommended && (
                <Badge size="xs" variant="light" color="orange" tt="none">
                  recommended
                </Badge>
              )}
              {isStart && (
                <Badge size="xs" variant="light" tt="none">
                  start of this run
                </Badge>
              )}
            </Group>
          )}
          <Text size="xs" c={node.problem === undefined ? 'dimmed' : 'red'}>
            {node.problem?.message ?? facts.join(' · ')}
          </Text>
          {distance !== undefined && (
            <Text size="xs" c="dimmed">
              {distance}
            </Text>
          )}
        </Paper>
      </UnstyledButton>
    </Tooltip>
  );
}

export function LineageTree({ lineage, chosen, onChoose }: Props) {
  const byId = new Map(lineage.nodes.map((node) => [node.id, node]));
  const strong = lineage.strong === undefined ? undefined : byId.get(lineage.strong);
  const columns: LineageNode[][] = [];
  for (const node of lineage.nodes) {
    const depth = depthOf(node, byId);
    (columns[depth] ??= []).push(node);
  }
  return (
    <Group
      align="flex-start"
      gap={28}
      wrap="nowrap"
      role="radiogroup"
      aria-label="Weak agent"
      style={{ overflowX: 'auto', paddingBottom: 8 }}
    >
      {columns.map((nodes, depth) => (
        <Stack key={depth} gap="sm" style={{ flex: 'none' }}>
          {nodes.map((node) => (
            <NodeCard
              key={node.id}
              node={node}
              lineage={lineage}
              strong={strong}
              chosen={chosen === node.path || (chosen === 'base' && node.id === lineage.strong)}
              onChoose={onChoose}
            />
          ))}
        </Stack>
      ))}
    </Group>
  );
}
