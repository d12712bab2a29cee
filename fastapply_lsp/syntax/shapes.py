"""What does a definition look like in each language? Data only: tree-sitter patterns.

One ``Shape`` per language. In its patterns the capture on the definition's node is the kind of
definition; ``@name`` is its name (several captures are joined by a space), without one the node's
field ``name``; ``@owner`` is what it belongs to when that is not what it stands in (a Go receiver,
a C++ class). Where two patterns match one node, the first written wins.

``wrappers`` are nodes that belong to the definition which they enclose (decorators, ``export``,
``template``, a declaration of one variable). ``attributes`` are siblings before a definition that
belong to it as a decorator does; ``comments`` are siblings that may be its documentation.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How a language writes definitions."""

    patterns: str
    wrappers: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    comments: frozenset[str] = frozenset({"comment"})
    bodies: frozenset[str] = frozenset()


_PYTHON = Shape(
    patterns="""
    (function_definition name: (_) @name) @function
    (class_definition name: (_) @name) @class
    (type_alias_statement left: (_) @name) @type
    (module (expression_statement (assignment left: (identifier) @name) @variable))
    (class_definition body: (block
      (expression_statement (assignment left: (identifier) @name) @variable)))
    """,
    wrappers=frozenset({"decorated_definition", "expression_statement"}),
)

_JS_FUNCTION = "[(arrow_function) (function_expression) (generator_function) (class)]"
_JAVASCRIPT_PATTERNS = f"""
    (function_declaration name: (_) @name) @function
    (generator_function_declaration name: (_) @name) @function
    (class_declaration name: (_) @name) @class
    (method_definition name: (_) @name) @method
    (variable_declarator name: (identifier) @name value: {_JS_FUNCTION}) @function
    (program (_ (variable_declarator name: (_) @name) @variable))
    (program (export_statement (_ (variable_declarator name: (_) @name) @variable)))
    (pair key: (_) @name value: {_JS_FUNCTION}) @method
    (assignment_expression
      left: (member_expression object: (_) @owner property: (_) @name)
      right: {_JS_FUNCTION}) @function
    (call_expression
      function: [(identifier) (member_expression)] @name
      arguments: (arguments . [(string) (template_string)] @name . {_JS_FUNCTION})) @block
    """
_JS_WRAPPERS = frozenset(
    {"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"}
)

_JAVASCRIPT = Shape(
    patterns=_JAVASCRIPT_PATTERNS + "(field_definition property: (_) @name) @field",
    wrappers=_JS_WRAPPERS,
    attributes=frozenset({"decorator"}),
    bodies=frozenset({"object", "array"}),
)

_TYPESCRIPT = Shape(
    patterns=_JAVASCRIPT_PATTERNS
    + """
    (public_field_definition name: (_) @name) @field
    (abstract_class_declaration name: (_) @name) @class
    (abstract_method_signature name: (_) @name) @method
    (interface_declaration name: (_) @name) @interface
    (type_alias_declaration name: (_) @name) @type
    (enum_declaration name: (_) @name) @enum
    (internal_module name: (_) @name) @module
    (module name: (_) @name) @module
    (function_signature name: (_) @name) @function
    (method_signature name: (_) @name) @method
    (interface_body (property_signature name: (_) @name) @field)
    (type_alias_declaration (object_type (property_signature name: (_) @name) @field))
    """,
    wrappers=_JS_WRAPPERS | {"ambient_declaration"},
    attributes=frozenset({"decorator"}),
    bodies=frozenset({"object", "array", "object_type"}),
)

_RUST = Shape(
    patterns="""
    (function_item name: (_) @name) @function
    (function_signature_item name: (_) @name) @function
    (impl_item trait: (_) @owner type: (_) @name) @impl
    (impl_item type: (_) @name) @impl
    (mod_item name: (_) @name) @module
    (struct_item name: (_) @name) @struct
    (enum_item name: (_) @name) @enum
    (union_item name: (_) @name) @struct
    (trait_item name: (_) @name) @trait
    (macro_definition name: (_) @name) @macro
    (const_item name: (_) @name) @variable
    (static_item name: (_) @name) @variable
    (type_item name: (_) @name) @type
    (associated_type name: (_) @name) @type
    (foreign_mod_item) @module
    (macro_invocation macro: (identifier) @name (token_tree . (identifier) @name)) @block
    """,
    wrappers=frozenset({"expression_statement"}),
    attributes=frozenset({"attribute_item"}),
    comments=frozenset({"line_comment", "block_comment"}),
)

_GO = Shape(
    patterns="""
    (function_declaration name: (_) @name) @function
    (method_declaration receiver: (parameter_list (parameter_declaration type: (_) @owner))
      name: (_) @name) @method
    (type_spec name: (_) @name) @type
    (type_alias name: (_) @name) @type
    (method_elem name: (_) @name) @method
    (source_file (var_declaration (var_spec name: (_) @name) @variable))
    (source_file (var_declaration (var_spec_list (var_spec name: (_) @name) @variable)))
    (source_file (const_declaration (const_spec name: (_) @name) @variable))
    """,
    wrappers=frozenset({"type_declaration", "var_declaration", "const_declaration"}),
    bodies=frozenset({"struct_type", "interface_type"}),
)

_JAVA = Shape(
    patterns="""
    (class_declaration name: (_) @name) @class
    (interface_declaration name: (_) @name) @interface
    (enum_declaration name: (_) @name) @enum
    (record_declaration name: (_) @name) @class
    (annotation_type_declaration name: (_) @name) @interface
    (annotation_type_element_declaration name: (_) @name) @method
    (method_declaration name: (_) @name) @method
    (constructor_declaration name: (_) @name) @method
    (compact_constructor_declaration name: (_) @name) @method
    (field_declaration declarator: (variable_declarator name: (_) @name)) @field
    (enum_constant name: (_) @name) @field
    """,
    comments=frozenset({"line_comment", "block_comment"}),
)

_C_FUNCTION = "(function_declarator declarator: (_) @name)"
_C_FUNCTION_NAME = f"""[
      {_C_FUNCTION}
      (pointer_declarator {_C_FUNCTION})
      (pointer_declarator (pointer_declarator {_C_FUNCTION}))]"""
_C_VARIABLE_NAME = """[
      (identifier) @name
      (_ declarator: (identifier) @name)
      (_ declarator: (_ declarator: (identifier) @name))
      (_ declarator: (_ declarator: (_ declarator: (identifier) @name)))]"""
_C_PATTERNS = f"""
    (function_definition !type
      declarator: (function_declarator declarator: (identifier) @id) @name
      (#match? @id "^[A-Z][A-Z0-9_]*$")) @block
    (function_definition declarator: {_C_FUNCTION_NAME}) @function
    (struct_specifier name: (_) @name body: (_)) @struct
    (union_specifier name: (_) @name body: (_)) @struct
    (enum_specifier name: (_) @name body: (_)) @enum
    (type_definition declarator: (type_identifier) @name) @type
    (preproc_function_def name: (_) @name) @macro
    (preproc_def name: (_) @name) @macro
    (translation_unit (declaration
      declarator: (init_declarator declarator: {_C_VARIABLE_NAME})) @variable)
    (declaration declarator: {_C_FUNCTION_NAME}) @prototype
    """

_C = Shape(
    patterns=_C_PATTERNS,
    wrappers=frozenset({"declaration"}),
    bodies=frozenset({"initializer_list"}),
)

_CPP_SCOPED_NAME = """(function_declarator declarator:
        (qualified_identifier scope: (_) @owner name: (_) @name))"""
_CPP = Shape(
    patterns=f"""
    (function_definition declarator: [
      {_CPP_SCOPED_NAME}
      (pointer_declarator {_CPP_SCOPED_NAME})
      (reference_declarator {_CPP_SCOPED_NAME})]) @function
    (function_definition declarator: (reference_declarator {_C_FUNCTION})) @function
    (field_declaration declarator: (reference_declarator {_C_FUNCTION})) @prototype
    {_C_PATTERNS}
    (class_specifier name: (_) @name body: (_)) @class
    (namespace_definition name: (_) @name) @module
    (alias_declaration name: (_) @name) @type
    (concept_definition name: (_) @name) @type
    (field_declaration declarator: {_C_FUNCTION_NAME}) @prototype
    (field_declaration declarator: (field_identifier) @name) @field
    """,
    wrappers=frozenset({"template_declaration", "declaration", "linkage_specification"}),
    bodies=frozenset({"initializer_list"}),
)

_C_SHARP = Shape(
    patterns="""
    (namespace_declaration name: (_) @name) @module
    (class_declaration name: (_) @name) @class
    (struct_declaration name: (_) @name) @struct
    (interface_declaration name: (_) @name) @interface
    (enum_declaration name: (_) @name) @enum
    (record_declaration name: (_) @name) @class
    (delegate_declaration name: (_) @name) @type
    (method_declaration name: (_) @name) @method
    (constructor_declaration name: (_) @name) @method
    (destructor_declaration name: (_) @name) @method
    (local_function_statement name: (_) @name) @function
    (property_declaration name: (_) @name) @field
    (event_declaration name: (_) @name) @field
    (indexer_declaration) @field
    (operator_declaration operator: (_) @name) @method
    (field_declaration (variable_declaration (variable_declarator name: (_) @name))) @field
    (enum_member_declaration name: (_) @name) @field
    """,
    bodies=frozenset({"accessor_list"}),
)

_RUBY = Shape(
    patterns="""
    (module name: (_) @name) @module
    (class name: (_) @name) @class
    (singleton_class value: (_) @name) @class
    (method name: (_) @name) @method
    (singleton_method object: (_) @owner name: (_) @name) @method
    (assignment left: (constant) @name) @variable
    (call method: (_) @name arguments: (argument_list . (_) @name) block: (do_block)) @block
    """,
    bodies=frozenset({"do_block"}),
)

_PHP = Shape(
    patterns="""
    (class_declaration name: (_) @name) @class
    (interface_declaration name: (_) @name) @interface
    (trait_declaration name: (_) @name) @trait
    (enum_declaration name: (_) @name) @enum
    (enum_case name: (_) @name) @field
    (function_definition name: (_) @name) @function
    (method_declaration name: (_) @name) @method
    (property_declaration (property_element name: (_) @name)) @field
    (const_declaration (const_element (name) @name)) @field
    (namespace_definition name: (_) @name body: (_)) @module
    """,
    attributes=frozenset({"attribute_list"}),
)

_BASH = Shape(
    patterns="""
    (function_definition name: (_) @name) @function
    (program (variable_assignment name: (_) @name) @variable)
    """,
)

_CSS = Shape(
    patterns="""
    (rule_set (selectors) @name) @rule
    (media_statement . (_) @name) @block
    (supports_statement . (_) @name) @block
    (keyframes_statement (keyframes_name) @name) @block
    (keyframe_block . (_) @name) @rule
    (at_rule (at_keyword) @name (keyword_query)? @name) @block
    """,
    bodies=frozenset({"block", "keyframe_block_list"}),
)

_SCSS = Shape(
    patterns="""
    (rule_set (selectors) @name) @rule
    (mixin_statement name: (_) @name) @function
    (function_statement name: (_) @name) @function
    (media_statement . (_) @name) @block
    (keyframes_statement (keyframes_name) @name) @block
    (at_rule (at_keyword) @name) @block
    (stylesheet (declaration (property_name) @name) @variable)
    """,
    bodies=frozenset({"block", "keyframe_block_list"}),
)

_KOTLIN = Shape(
    patterns="""
    (class_declaration name: (_) @name) @class
    (object_declaration name: (_) @name) @class
    (companion_object) @class
    (function_declaration name: (_) @name) @function
    (secondary_constructor) @method
    (anonymous_initializer) @method
    (source_file (property_declaration (variable_declaration (identifier) @name)) @variable)
    (class_body (property_declaration (variable_declaration (identifier) @name)) @field)
    (type_alias type: (_) @name) @type
    (enum_entry (identifier) @name) @field
    """,
    comments=frozenset({"line_comment", "block_comment"}),
    bodies=frozenset({"class_body", "enum_class_body", "function_body", "block"}),
)

_LUA = Shape(
    patterns="""
    (function_declaration name: (_) @name) @function
    (assignment_statement (variable_list . name: (_) @name)
      (expression_list . value: (function_definition))) @function
    (chunk (variable_declaration (assignment_statement (variable_list . name: (_) @name))) @variable)
    (field name: (_) @name value: (function_definition)) @method
    """,
    wrappers=frozenset({"variable_declaration"}),
)

_SCALA = Shape(
    patterns="""
    (class_definition name: (_) @name) @class
    (object_definition name: (_) @name) @class
    (trait_definition name: (_) @name) @trait
    (enum_definition name: (_) @name) @enum
    (function_definition name: (_) @name) @function
    (function_declaration name: (_) @name) @function
    (type_definition name: (_) @name) @type
    (template_body (val_definition pattern: (identifier) @name) @field)
    (compilation_unit (val_definition pattern: (identifier) @name) @variable)
    """,
    comments=frozenset({"comment", "block_comment"}),
)

# A function's name is left to the grammar's field: its return type has a field of this name too,
# which makes a pattern with it slow to compile and names an operator after its result.
_SWIFT = Shape(
    patterns="""
    (class_declaration name: (_) @name) @class
    (protocol_declaration name: (_) @name) @interface
    (function_declaration) @function
    (protocol_function_declaration) @function
    (init_declaration) @method
    (deinit_declaration) @method
    (property_declaration name: (_) @name) @field
    (typealias_declaration name: (_) @name) @type
    """,
    comments=frozenset({"comment", "multiline_comment"}),
)

_JSON = Shape(patterns="(pair key: (_) @name) @key", bodies=frozenset({"object", "array"}))

_YAML = Shape(patterns="(block_mapping_pair key: (_) @name) @key")

_TOML = Shape(
    patterns="""
    (table . [(bare_key) (dotted_key) (quoted_key)] @name) @table
    (table_array_element . [(bare_key) (dotted_key) (quoted_key)] @name) @table
    (pair . (_) @name) @key
    """,
)

_MARKDOWN = Shape(
    patterns="""
    (section . (atx_heading heading_content: (_) @name)) @section
    (section . (setext_heading heading_content: (_) @name)) @section
    """,
    comments=frozenset(),
)

SHAPES: dict[str, Shape] = {
    "python": _PYTHON,
    "javascript": _JAVASCRIPT,
    "typescript": _TYPESCRIPT,
    "tsx": _TYPESCRIPT,
    "rust": _RUST,
    "go": _GO,
    "java": _JAVA,
    "c": _C,
    "cpp": _CPP,
    "csharp": _C_SHARP,
    "ruby": _RUBY,
    "php": _PHP,
    "bash": _BASH,
    "css": _CSS,
    "scss": _SCSS,
    "kotlin": _KOTLIN,
    "lua": _LUA,
    "scala": _SCALA,
    "swift": _SWIFT,
    "json": _JSON,
    "yaml": _YAML,
    "toml": _TOML,
    "markdown": _MARKDOWN,
}
"""The shape of each language that has definitions, by the language's id."""
