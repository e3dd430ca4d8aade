/** What the registry has to present. */
export const webhookToken = 'a-secret-of-the-fault-tests';
