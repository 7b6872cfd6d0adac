/**
 * The descent of models, left to right: base, then the checkpoints of each run by step, then what
 * came out. Every node is a card that says what is known of it, held-out figures first; an unusable one
 * says why.
 */
import { Badge, Group, Paper, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import type { Lineage, LineageNode } from '../../main/contract/inspection.ts';
import { bytes, middleEllipsis, percent, significant } from '../state/numbers.ts';
import { stageLabels } from './phase-timeline.tsx';

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

/**
 * "held-out loss 0.063 above the start of this run": how much weaker, or stronger, a model is. Measured
 * on the same rows, or on a part of them, which is said.
 */
function gap(node: LineageNode, strong: LineageNode | undefined): string | undefined {
  const [own, other] = [node.heldOut, strong?.heldOut];
  if (own === undefined || other === undefined || strong?.id === node.id) return undefined;
  const difference = own.loss - other.loss;
  const words = `loss ${significant(Math.abs(difference), 3)} ${difference < 0 ? 'below' : 'above'} this run’s start`;
  return own.items === other.items ? words : `${words}, on ${own.items} rows`;
}

/** The entropy of every training row under this model. */
function EntropyHistogram({ top, counts, mean }: NonNullable<LineageNode['entropies']>) {
  const highest = Math.max(1, ...counts);
  const label = `Entropy of the training rows, 0 to ${significant(top, 2)} nats, mean ${significant(mean, 3)}`;
  return (
    <div style={{ marginTop: 6 }}>
      <svg
        viewBox={`0 0 ${counts.length * 8} 26`}
        width="100%"
        height="26"
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {counts.map((value, bin) => {
          const height = value === 0 ? 0 : Math.max(1, (value / highest) * 25);
          return (
            <rect
              key={bin}
              x={bin * 8 + 0.5}
              y={26 - height}
              width={7}
              height={height}
              fill="var(--mantine-color-orange-5)"
            />
          );
        })}
      </svg>
      <Group justify="space-between" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {`rows: mean ${significant(mean, 3)}`}
        </Text>
        <Text size="xs" c="dimmed">
          {`${significant(top, 2)} nats`}
        </Text>
      </Group>
    </div>
  );
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
    node.heldOut?.entropy === undefined ? null : `entropy ${significant(node.heldOut.entropy, 3)}`,
  ].filter((fact) => fact !== null);
  const distance = gap(node, strong);
  const isRecommended = lineage.recommended?.id === node.id;
  const isStart = strong?.id === node.id;
  return (
    <Tooltip
      label={node.bytes === undefined ? node.path : `${node.path} (${bytes(node.bytes)})`}
      openDelay={600}
    >
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
          w={228}
          {...(chosen ? { className: 'chosen-card' } : {})}
          style={{ opacity: node.problem === undefined ? 1 : 0.6 }}
        >
          <Text fw={600} className="ellipsis">
            {node.stage === undefined ? node.label : `${stageLabels[node.stage]} step ${node.step}`}
          </Text>
          {node.runName !== undefined && (
            <Text size="xs" className="ellipsis">
              {`of ${middleEllipsis(node.runName, 32)}`}
            </Text>
          )}
          {(isRecommended || isStart) && (
            <Group gap={6} my={2}>
              {isRecommended && (
                <Badge size="xs" variant="light" color="orange" c="var(--ink-warning)" tt="none">
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
          {node.entropies !== undefined && node.problem === undefined && (
            <EntropyHistogram {...node.entropies} />
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
  // Those that can be chosen stand on top.
  for (const nodes of columns) {
    nodes.sort((a, b) => Number(a.problem !== undefined) - Number(b.problem !== undefined));
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
