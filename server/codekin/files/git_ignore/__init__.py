"""The files that git ignores, determined without running git.

- In: a folder, with its repositories, ignore files and configuration.
- Out: for a path, whether git would ignore it.
- Owns: git's patterns, precedence of rules, the index of tracked files; compared with git itself by
  a differential test.
"""
