/** Accounts, packages, resellers, zones, masters, settings, audit. */
export const pageTexts = {} as const;
