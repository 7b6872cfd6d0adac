/**
 * The model's chat template: messages as the text the model was trained on. It lies in
 * chat_template.jinja, or in tokenizer_config.json as a string or as a list of named templates (of
 * which "default" is taken, as transformers does). Tools are not passed; `enable_thinking` only where
 * a caller sets it, so that a template's own default counts. See limited-jinja.ts for its limits.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, unreadableFile } from '../checkpoint/read-json-file.ts';
import { parseTemplate } from './limited-jinja.ts';

export interface ChatMessage {
  /** system, user, assistant, or what else the template knows. */
  role: string;
  content: string;
}

export interface ChatOptions {
  /** End with the header of the assistant's turn, ready for its answer. */
  addGenerationPrompt?: boolean;
  enableThinking?: boolean;
}

export interface ChatTemplate {
  source: string;
  /** @throws template-invalid */
  render(messages: readonly ChatMessage[], options?: ChatOptions): string;
}

const MAX_FILE_BYTES = 2 ** 20;

/** Null for a model without a template. @throws template-invalid, file-unreadable */
export function loadChatTemplate(
  modelDirectory: string,
  tokenizerConfig: Record<string, unknown>,
): ChatTemplate | null {
  const source =
    readTemplateFile(join(modelDirectory, 'chat_template.jinja')) ??
    templateOf(modelDirectory, tokenizerConfig['chat_template']);
  if (source === null) return null;
  return createChatTemplate(source, {
    bos_token: tokenText(tokenizerConfig['bos_token']),
    eos_token: tokenText(tokenizerConfig['eos_token']),
    pad_token: tokenText(tokenizerConfig['pad_token']),
  });
}

/** @throws template-invalid when the source cannot be parsed */
export function createChatTemplate(
  source: string,
  tokens: Record<string, string | undefined> = {},
): ChatTemplate {
  const template = parseTemplate(source);
  const known = Object.entries(tokens).filter(([, text]) => text !== undefined);
  return {
    source,
    render(messages, options = {}) {
      const plain = messages.map(({ role, content }) => ({ role, content }));
      const length = plain.reduce(
        (sum, { role, content }) => sum + role.length + content.length,
        0,
      );
      const variables: Record<string, unknown> = Object.fromEntries(known);
      variables['messages'] = plain;
      variables['add_generation_prompt'] = options.addGenerationPrompt === true;
      if (options.enableThinking !== undefined) {
        variables['enable_thinking'] = options.enableThinking;
      }
      return template.render(variables, length);
    },
  };
}

function readTemplateFile(path: string): string | null {
  if (!existsSync(path)) return null;
  try {
    if (statSync(path).size <= MAX_FILE_BYTES) return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadableFile(path, error);
  }
  throw new StudioError(
    'template-invalid',
    `${path} is larger than ${MAX_FILE_BYTES} bytes.`,
    'Check that this is the right file.',
  );
}

function templateOf(directory: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  const named = Array.isArray(value) ? value.map(asJsonObject) : [];
  const chosen = named.find((entry) => entry?.['name'] === 'default');
  if (typeof chosen?.['template'] === 'string') return chosen['template'];
  throw new StudioError(
    'template-invalid',
    `chat_template in ${join(directory, 'tokenizer_config.json')} is neither a text nor a list with a template named "default".`,
    'Copy or download the tokenizer files of the model again.',
  );
}

function tokenText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const content = asJsonObject(value)?.['content'];
  return typeof content === 'string' ? content : undefined;
}
