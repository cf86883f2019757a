"""One verb, one function: actor, permission, transaction, write, audit row. Every door calls these."""
