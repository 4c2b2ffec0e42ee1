"""One process answers for all of a user's commands on a folder that it has open.

An editor's server or an agent's server has the index in memory; a command that finds its socket
asks it and is answered at once. Without one, or if anything differs, the command works alone.

- In: queries of `codekin.api` from the same user, version and settings.
- Out: search responses.
- Owns: the sockets, in the home folder of the indexes, and what is said on them.
"""
