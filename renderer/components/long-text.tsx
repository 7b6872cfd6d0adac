/** A path or name that may be too long: shortened in the middle, in full on hover. */
import { Text, Tooltip } from '@mantine/core';
import { middleEllipsis } from '../state/numbers.ts';

interface Props {
  text: string;
  length?: number;
  mono?: boolean;
}

export function LongText({ text, length = 48, mono = false }: Props) {
  const short = middleEllipsis(text, length);
  const body = (
    <Text
      span
      size="sm"
      className={mono ? 'mono selectable' : undefined}
      style={{ whiteSpace: 'nowrap' }}
    >
      {short}
    </Text>
  );
  return short === text ? body : <Tooltip label={text}>{body}</Tooltip>;
}
