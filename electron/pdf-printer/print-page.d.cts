/** Pages as the file's own @page rule wants them. */
export function printPage(htmlFile: string): Promise<Uint8Array>;
