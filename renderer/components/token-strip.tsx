/**
 * Tokens of a rendered sample: where the loss looks (tinted), or how uncertain a model was at each
 * answer token (sequential colour). Line breaks show as a sign and break the line.
 */
import { Tooltip } from '@mantine/core';
import type { PreviewToken } from '../../main/contract/inspection.ts';
import { significant } from '../state/numbers.ts';
import { sequentialColor } from '../theme.ts';

interface Props {
  tokens: (PreviewToken & { entropy?: number })[];
  /** Entropy in nats that gets the end of the colour scale; absent: colours show the mask. */
  entropyScale?: number;
}

function visible(text: string): string {
  return text === '' ? '∅' : text.replaceAll('\n', '↵\n').replaceAll('\t', '⇥');
}

export function TokenStrip({ tokens, entropyScale }: Props) {
  return (
    <div className="tokens">
      {tokens.map((token, index) => {
        const { entropy } = token;
        if (entropyScale !== undefined && entropy !== undefined) {
          const share = entropy / entropyScale;
          const style = {
            background: sequentialColor(share),
            color: share > 0.55 ? '#111111' : '#ffffff',
          };
          return (
            <Tooltip key={index} label={`entropy ${significant(entropy)} nats · id ${token.id}`}>
              <span className="token" style={style}>
                {visible(token.text)}
              </span>
            </Tooltip>
          );
        }
        const look = token.trained && entropyScale === undefined ? 'token-trained' : 'token-muted';
        return (
          <span key={index} className={`token ${look}`} title={`id ${token.id}`}>
            {visible(token.text)}
          </span>
        );
      })}
    </div>
  );
}
