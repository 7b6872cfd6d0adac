/** What goes into and comes out of one call of an entry. */

/** f32 or i32; a number feeds a scalar. */
export type Feed = Float32Array | Int32Array | number;
export type Fetched = Float32Array | Int32Array;
/** Runs an entry: feeds by input name in, values by output name out. */
export type Call = (entry: string, feeds?: Record<string, Feed>) => Record<string, Fetched>;
