// An ESLint rule: text that people see is translated, so it is an argument of `l10n.t`.

const SHOWN = new Set(
  ["label", "description", "detail", "title", "tooltip", "placeHolder", "placeholder", "prompt", "message"].concat([
    "textContent",
    "text",
    "reason",
    "name",
  ]),
);
const LOGS = new Set(["info", "warn", "error", "log"]);
const SENTENCE = /\p{L}{2,}[,.:;!?)]? \(?\p{L}{2,}/u;
/** Identifiers such as codekin.search, and names of files. */
const DOTTED = /\b\w+(?:\.\w+)+\b/g;
const ICON = /\$\([\w~-]+\)/g;
/** The name of the product, which no language changes. */
const NAME = /\bCodekin\b/g;
const CAPITALIZED = /^\p{Lu}\p{Ll}+(?: \p{L}+)*…?$/u;

export const shownStrings = {
  meta: {
    type: "problem",
    schema: [],
    messages: { untranslated: "Pass text that people see to `l10n.t`, in double quotes and with placeholders." },
  },
  create(context) {
    const check = (node, written) => {
      const texts = written.map((text) => text.replace(NAME, "").replace(ICON, "").replace(DOTTED, ""));
      const isText = texts.some((text) => SENTENCE.test(text) || CAPITALIZED.test(text.trim()));
      const isLabel = isShown(node) && texts.some((text) => /\p{L}{2,}/u.test(text));
      if ((isText || isLabel) && !isExempt(node)) context.report({ node, messageId: "untranslated" });
    };
    return {
      Literal: (node) => typeof node.value === "string" && check(node, [node.value]),
      TemplateLiteral: (node) =>
        check(
          node,
          node.quasis.map(({ value }) => value.cooked ?? ""),
        ),
    };
  },
};

/** Returns whether a string is the value of a property that is shown, or assigned to one. */
function isShown({ parent, ...node }) {
  if (parent.type === "Property") return parent.value.range === node.range && SHOWN.has(parent.key.name);
  return parent.type === "AssignmentExpression" && parent.left.type === "MemberExpression"
    ? SHOWN.has(parent.left.property.name)
    : false;
}

/** Returns whether a string is translated, or read by programs and developers only. */
function isExempt(node) {
  const { parent } = node;
  switch (parent.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
    case "TSLiteralType":
    case "SwitchCase":
    case "TaggedTemplateExpression":
      return true;
    case "BinaryExpression":
      return parent.operator !== "+";
    case "Property":
      return parent.key === node && !parent.computed;
    case "MemberExpression":
      return parent.property === node;
    case "CallExpression":
      return isTranslation(parent.callee) || isLog(parent.callee);
    default:
      return false;
  }
}

const isTranslation = (callee) => callee.type === "MemberExpression" && callee.object.name === "l10n";

function isLog(callee) {
  if (callee.type !== "MemberExpression") return false;
  const { object, property } = callee;
  const owner = object.type === "MemberExpression" ? object.property.name : object.name;
  return (owner === "log" && LOGS.has(property.name)) || property.name === "log";
}
