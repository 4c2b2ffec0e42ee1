"""The node types of each grammar: definitions, their containers, and nodes to descend into."""

from __future__ import annotations

from dataclasses import dataclass, field

_UNITS = {
    # functions
    "function_definition": "function", "function_declaration": "function", "function_item": "function",
    "generator_function_declaration": "function", "function_signature": "function", "function_signature_item": "function",
    "method_definition": "method", "method_declaration": "method", "method_signature": "method", "abstract_method_signature": "method",
    "constructor_declaration": "constructor", "compact_constructor_declaration": "constructor", "destructor_declaration": "method",
    "operator_declaration": "method", "conversion_operator_declaration": "method", "indexer_declaration": "property",
    "property_declaration": "property", "event_declaration": "property", "init_declaration": "constructor",
    "deinit_declaration": "method", "subscript_declaration": "method", "protocol_function_declaration": "method",
    "secondary_constructor": "constructor", "method": "method", "singleton_method": "method", "given_definition": "constant",
    # types and values
    "type_alias_declaration": "type", "type_item": "type", "type_definition": "type", "type_alias": "type",
    "alias_declaration": "type", "typealias_declaration": "type", "associated_type": "type", "delegate_declaration": "type",
    "struct_item": "struct", "enum_item": "enum", "union_item": "union", "enum_specifier": "enum",
    "const_item": "constant", "static_item": "constant", "macro_definition": "macro", "preproc_function_def": "macro",
    "preproc_def": "macro", "annotation_type_element_declaration": "method", "local_function_statement": "function",
    "concept_definition": "type", "type_alias_statement": "type",
}  # fmt: skip
_CONTAINERS = {
    "class_definition": "class", "class_declaration": "class", "abstract_class_declaration": "class", "class_specifier": "class",
    "struct_specifier": "struct", "union_specifier": "union", "struct_declaration": "struct", "record_declaration": "record",
    "record_struct_declaration": "record", "interface_declaration": "interface", "trait_declaration": "trait", "trait_item": "trait",
    "trait_definition": "trait", "protocol_declaration": "interface", "enum_declaration": "enum", "enum_definition": "enum",
    "impl_item": "impl", "object_definition": "object", "object_declaration": "object", "companion_object": "object",
    "mod_item": "module", "namespace_declaration": "namespace", "namespace_definition": "namespace", "internal_module": "namespace",
    "extension_definition": "extension", "annotation_type_declaration": "interface",
}  # fmt: skip
_WRAPPERS = frozenset(("export_statement", "decorated_definition", "template_declaration", "ambient_declaration"))
_CLOSED = frozenset((
    "comment", "line_comment", "block_comment", "string", "string_literal", "template_string", "parameters", "formal_parameters",
    "parameter_list", "template_parameter_list", "type_parameters", "type_arguments", "import_statement", "import_declaration",
    "initializer_list", "preproc_include", "preproc_call", "decorator", "annotation", "modifiers", "type_annotation", "regex",
))  # fmt: skip
_BODIES = frozenset((
    "block", "class_body", "declaration_list", "field_declaration_list", "template_body", "enum_declaration_list", "annotation_type_body", "statement_block", "interface_body",
    "body_statement", "protocol_body", "enum_class_body", "enum_body", "do_block", "class_declarations", "instance_declarations",
    "with_template_body", "object", "enum_member_declaration_list", "interface_type", "struct_type",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Grammar:
    """Node types of one language, mapped to kinds of symbols.

    `parser` names the grammar in the bundled language pack. Nothing is defined in nodes of the
    types `closed`.
    """

    parser: str
    units: dict[str, str] = field(default_factory=lambda: _UNITS)
    containers: dict[str, str] = field(default_factory=lambda: _CONTAINERS)
    closed: frozenset[str] = frozenset()


def _grammar(
    parser: str, units: dict[str, str] | None = None, containers: dict[str, str] | None = None, closed: str = ""
) -> Grammar:
    return Grammar(
        parser, {**_UNITS, **(units or {})}, {**_CONTAINERS, **(containers or {})}, frozenset(closed.split())
    )


_PYTHON_CLOSED = (
    "argument_list call list dictionary tuple set lambda subscript attribute binary_operator comparison_operator "
    "boolean_operator list_comprehension dictionary_comprehension set_comprehension generator_expression return_statement "
    "raise_statement assert_statement import_from_statement future_import_statement augmented_assignment type with_clause"
)
WRAPPERS = _WRAPPERS
"""What stands around one definition and belongs to it."""
CLOSED = _CLOSED
"""Nodes in which nothing is defined, in any language."""
BODIES = _BODIES
"""The members of a definition that has some."""
GRAMMARS = {
    "bash": _grammar("bash"),
    "c": _grammar("c"),
    "cpp": _grammar("cpp"),
    "csharp": _grammar("csharp"),
    "elixir": _grammar("elixir"),
    "go": _grammar(
        "go",
        {
            "type_spec": "type",
            "type_alias": "type",
            "const_spec": "constant",
            "var_spec": "variable",
            "method_elem": "method",
            "method_spec": "method",
        },
    ),
    "haskell": _grammar(
        "haskell",
        {
            "function": "function",
            "bind": "function",
            "signature": "function",
            "data_type": "type",
            "newtype": "type",
            "type_synomym": "type",
            "type_family": "type",
        },
        {"class": "class", "instance": "instance"},
    ),
    "java": _grammar("java"),
    "javascript": _grammar("javascript"),
    "kotlin": _grammar("kotlin"),
    "lua": _grammar("lua"),
    "php": _grammar("php"),
    "python": _grammar("python", None, None, _PYTHON_CLOSED),
    "ruby": _grammar("ruby", None, {"class": "class", "module": "module", "singleton_class": "class"}),
    "rust": _grammar("rust"),
    "scala": _grammar("scala", {"val_definition": "constant", "var_definition": "variable"}),
    "swift": _grammar("swift"),
    "tsx": _grammar("tsx"),
    "typescript": _grammar("typescript"),
    "zig": _grammar("zig"),
    "dart": _grammar("dart"),
    "ocaml": _grammar("ocaml"),
    "ocaml_interface": _grammar("ocaml_interface"),
    "r": _grammar("r"),
    "clojure": _grammar("clojure"),
    "erlang": _grammar("erlang"),
    "powershell": _grammar("powershell"),
    "julia": _grammar("julia"),
    "groovy": _grammar("groovy"),
    "objc": _grammar("objc"),
}
_C_WORDS = (b"#define", b"# define", b"class ", b"struct ", b"union ", b"enum ")
WORDS: dict[str, tuple[bytes, ...]] = {
    "c": _C_WORDS,
    "cpp": _C_WORDS,
    "objc": _C_WORDS,
    "go": (b"type ",),
    "java": (b"class ", b"interface ", b"enum ", b"record ", b"public ", b"@Override"),
    "kotlin": (b"fun ", b"class ", b"object ", b"interface "),
    "php": (b"function ", b"class "),
    "python": (b"def ", b"class "),
    "rust": (b"fn ", b"struct ", b"enum ", b"impl ", b"impl<", b"trait ", b"macro_rules!"),
    "swift": (b"func ", b"class ", b"struct ", b"enum ", b"protocol ", b"init(", b"subscript"),
}
"""Words by parser, one of which occurs in every definition within a function.

Other languages have no such words.
"""
