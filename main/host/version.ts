/** The version of this program, as package.json has it. */
import packageDescription from '../../package.json';

export const version: string = packageDescription.version;
