/** Counts that are heavy: whole where COUNTERSIGN_PROVE=1 says so, a twentieth otherwise. */
export const WHOLE = process.env['COUNTERSIGN_PROVE'] === '1';

export const share = (count: number): number => (WHOLE ? count : Math.ceil(count / 20));
