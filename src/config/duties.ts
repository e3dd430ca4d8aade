/** What a process does: everything, or nothing but tell what others change. */
export type Duties = 'all' | 'notify';
