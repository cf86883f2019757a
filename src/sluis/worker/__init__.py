"""The worker: a door. It takes jobs, calls an action as the actor ``worker``, and says how it went."""
