/** What is not, or not yet, as it must be: one line for each thing, which begins with the kind of it and a colon. */
export type Violations = readonly string[];
