"""Detect the language of a file by its name, its extension or its first line."""

from __future__ import annotations

import re

_BY_EXTENSION = {
    "python": "py pyi pyw", "javascript": "js mjs cjs jsx", "typescript": "ts mts cts", "tsx": "tsx", "go": "go",
    "rust": "rs", "java": "java", "kotlin": "kt kts", "scala": "scala sc sbt", "csharp": "cs csx", "c": "c h",
    "cpp": "cc cpp cxx hh hpp hxx ipp inl tpp c++ h++ cu cuh", "swift": "swift", "ruby": "rb rake gemspec ru", "php": "php phtml",
    "elixir": "ex exs", "haskell": "hs lhs", "lua": "lua", "zig": "zig zon", "bash": "sh bash zsh ksh bats",
    "markdown": "md markdown mdx", "restructuredtext": "rst", "asciidoc": "adoc asciidoc", "org": "org",
    "json": "json jsonc json5 geojson",
    "yaml": "yml yaml", "toml": "toml", "xml": "xml xsd xsl xslt csproj props targets", "html": "html htm xhtml", "vue": "vue",
    "svelte": "svelte", "astro": "astro", "razor": "razor cshtml", "jupyter": "ipynb",
    "css": "css", "scss": "scss", "less": "less", "sql": "sql", "graphql": "graphql gql",
    "protobuf": "proto", "terraform": "tf tfvars hcl", "nix": "nix", "dart": "dart", "r": "r", "julia": "jl", "perl": "pl pm t",
    "clojure": "clj cljs cljc edn", "erlang": "erl hrl", "ocaml": "ml mli", "fsharp": "fs fsi fsx", "groovy": "groovy gradle",
    "objc": "m mm", "powershell": "ps1 psm1", "fish": "fish", "vim": "vim", "emacs-lisp": "el", "fortran": "f90 f95 f03",
    "latex": "tex sty", "cmake": "cmake", "make": "mk mak", "ini": "ini cfg conf properties editorconfig", "text": "txt",
}  # fmt: skip
_LANGUAGE = {extension: language for language, listed in _BY_EXTENSION.items() for extension in listed.split()}
_BY_NAME = {
    "makefile": "make", "gnumakefile": "make", "dockerfile": "dockerfile", "containerfile": "dockerfile",
    "cmakelists.txt": "cmake", "rakefile": "ruby", "gemfile": "ruby", "vagrantfile": "ruby", "jenkinsfile": "groovy",
    "build": "python", "build.bazel": "python", "workspace": "python", ".bashrc": "bash", ".zshrc": "bash", ".profile": "bash",
    ".bash_profile": "bash", "go.mod": "go.mod", "justfile": "just",
}  # fmt: skip
LANGUAGES = frozenset((*_BY_EXTENSION, *_BY_NAME.values()))
"""Names of the languages that `language_of` can return."""
_INTERPRETERS = {
    "python": "python", "node": "javascript", "deno": "typescript", "bash": "bash", "sh": "bash", "zsh": "bash", "dash": "bash",
    "ruby": "ruby", "perl": "perl", "lua": "lua", "php": "php", "elixir": "elixir", "runhaskell": "haskell", "groovy": "groovy",
}  # fmt: skip
_CPP = re.compile(
    r"^[ \t]*(?:class\s+\w|namespace\b|template\s*<|using\s+\w|(?:public|private|protected)\s*:|(?:static\s+)?constexpr\b)"
    r"|\bstd::|\boperator\s*[-+*/=<>!(\[]",
    re.MULTILINE,
)
_LONGEST_SHEBANG = 200
"""Maximum number of characters examined; systems read 127 or 255 bytes.

The expression takes quadratic time in a line without white space.
"""
_SHEBANG = re.compile(r"#!\s*\S*?/?(?:env\s+(?:-\S+\s+)*)?([A-Za-z]+)[\d.]*(?:\s|$)")


def language_of(path: str, first_line: str = "") -> str:
    """Return the lower-case name of the language, "text" if it is unknown."""
    name = path.rpartition("/")[2].lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    stem, dot, extension = name.rpartition(".")
    if dot and extension in _LANGUAGE:
        return _LANGUAGE[extension]
    if stem in _BY_NAME and dot:
        return _BY_NAME[stem]
    found = _SHEBANG.match(first_line[:_LONGEST_SHEBANG])
    return _INTERPRETERS.get(found.group(1).rpartition("/")[2], "text") if found else "text"


def grammar_of(path: str, language: str, text: str) -> str:
    """Return the language whose grammar reads a file.

    A header named `.h` may be C++, and an OCaml interface has a grammar of its own.
    """
    if language == "ocaml" and path.endswith(".mli"):
        return "ocaml_interface"
    return "cpp" if language == "c" and path.endswith((".h", ".H")) and _CPP.search(text) else language
