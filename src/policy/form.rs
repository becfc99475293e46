//! The form of a policy file: its fields, what they hold, and what they are for.

use crate::render::EVENTS;
use crate::yaml::Field;
use crate::yaml::Fields;
use crate::yaml::Shape;

const STRINGS: Shape = Shape::List(&Shape::String);
/// The names of the events of a build.
const EVENT_NAMES: &[&str] = &{
    let mut names = [""; EVENTS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = EVENTS[index].0;
        index += 1;
    }
    names
};
const SEVERITY: Shape = Shape::OneOf(&["error", "warning", "note"]);
const VERSIONS: &str = "versions of Kubernetes that it is about, such as \">=1.29, <1.35\"";

/// A policy file.
pub static FORM: Fields = Fields {
    name: "Policy",
    fields: &[
        Field::optional("apiVersion", &Shape::OneOf(&["plimsoll.dev/v1"]), "the version of this format"),
        Field::required("summary", &Shape::String, "the bad pattern in a few words"),
        Field::required(
            "severity",
            &SEVERITY,
            "how bad a finding is: error if the API server refuses it or it was seen to fail in a cluster, warning if it is likely broken, note if it is worth knowing",
        ),
        Field::required("description", &Shape::String, "why it is bad, what happens in the cluster"),
        Field::required("remediation", &Shape::String, "what to do about it"),
        Field::optional("references", &STRINGS, "where that is written"),
        Field::optional("kubernetes", &Shape::String, VERSIONS),
        Field::optional("preview", &Shape::Bool, "true if it has to be turned on in the config"),
        Field::optional("aliases", &STRINGS, "earlier ids of this policy"),
        Field::optional(
            "parameters",
            &Shape::Map(&Shape::Fields(&PARAMETER)),
            "what the config may set, for use as $param.NAME",
        ),
        Field::optional("match", &Shape::Fields(&MATCH), "which resources it is about; all if it is left out"),
        Field::optional(
            "each",
            &Shape::OneOrMany(&Shape::String),
            "queries for the subjects, $ in all that follows; the resource itself if it is left out",
        ),
        Field::optional("when", &CONDITION, "condition that a subject must meet to be judged"),
        Field::optional("forbid", &Shape::OneOrMany(&TEST), "every node that a test finds is a finding"),
        Field::optional(
            "require",
            &Shape::OneOrMany(&TEST),
            "no node for a test is a finding, and so is every node that fails it",
        ),
        Field::optional(
            "unique",
            &Shape::OneOrMany(&Shape::Fields(&UNIQUE)),
            "nodes that repeat an earlier one are findings",
        ),
        Field::optional(
            "cases",
            &Shape::List(&Shape::Fields(&CASE)),
            "the first case that holds sets severity and message; $found is the node found",
        ),
        Field::optional("fix", &Shape::Fields(&FIX), "what `plimsoll fix` does to the node found, where it is written"),
        Field::required(
            "message",
            &Shape::String,
            "what is wrong; {field} of the subject, {key}, {value} and {match} of the node found, {$query} and {@.field}",
        ),
    ],
};

static FIX: Fields = Fields {
    name: "Fix",
    fields: &[
        Field::required(
            "do",
            &Shape::OneOf(&["remove", "quote", "unquote", "trim", "modernize", "replace", "add", "move"]),
            "removes the field; puts its value in quotes, or takes these or blanks around it away; writes the field that has replaced it; replaces the text that `by` stands for; adds a field to it, or moves it",
        ),
        Field::optional(
            "by",
            &Shape::String,
            "for `replace` the facts whose texts take the place of what they stand for; for `add` the value",
        ),
        Field::optional("field", &Shape::String, "for `add` the name of the field"),
        Field::optional("to", &Shape::String, "for `move` the mapping that gets the field"),
        Field::required("safe", &Shape::Bool, "false if it may change what was meant; then it takes `--unsafe`"),
    ],
};

static PARAMETER: Fields = Fields {
    name: "Parameter",
    fields: &[
        Field::required("type", &Shape::OneOf(&["integer", "string", "boolean", "strings"]), "what its value must be"),
        Field::required("default", &Shape::Any, "its value if the config says nothing"),
        Field::required("about", &Shape::String, "what it is for"),
    ],
};

static MATCH: Fields = Fields {
    name: "Match",
    fields: &[
        Field::optional(
            "build",
            &Shape::List(&Shape::OneOf(EVENT_NAMES)),
            "events of a build; the policy is about them then and not about resources",
        ),
        Field::optional("pods", &Shape::Bool, "true for every resource that carries a pod or a pod template"),
        Field::optional("kinds", &STRINGS, "kinds, such as batch/Job or core/Pod; Job is one of any group"),
        Field::optional("labels", &Shape::Map(&Shape::String), "labels that the resource must have"),
        Field::optional("namespaces", &STRINGS, "namespaces that the resource must be in"),
    ],
};

/// A condition: a query that must find something, or a test, or several joined.
static CONDITION: Shape = Shape::StringOr(&CONDITION_FIELDS);

static CONDITION_FIELDS: Fields = Fields {
    name: "Condition",
    fields: &[
        Field::optional("query", &Shape::String, "where to look; holds if a node passes all tests beside it"),
        EQUALS,
        IN,
        MATCHES,
        KEY,
        RANGE,
        QUANTITY,
        TYPE,
        DEFAULT,
        Field::optional("count", &Shape::Fields(&BOUNDS), "how many nodes the query may find"),
        Field::optional("all", &Shape::List(&CONDITION), "holds if all of these hold"),
        Field::optional("any", &Shape::List(&CONDITION), "holds if one of these holds"),
        Field::optional("not", &CONDITION, "holds if this does not; beside `query` a test that must fail"),
    ],
};

/// A test: a query, or a query and what its nodes must be like.
static TEST: Shape = Shape::StringOr(&TEST_FIELDS);

static TEST_FIELDS: Fields = Fields {
    name: "Test",
    fields: &[
        Field::required("query", &Shape::String, "where to look"),
        EQUALS,
        IN,
        MATCHES,
        KEY,
        RANGE,
        QUANTITY,
        TYPE,
        DEFAULT,
        Field::optional("kubernetes", &Shape::String, VERSIONS),
        Field::optional("not", &Shape::Fields(&VALUE_TESTS), "tests that the value must fail"),
    ],
};

const VALUE_TESTS: Fields = Fields { name: "ValueTests", fields: &[EQUALS, IN, MATCHES, KEY, RANGE, QUANTITY, TYPE] };

const EQUALS: Field = Field::optional("equals", &Shape::Any, "the value, or a query for it");
const IN: Field = Field::optional("in", &Shape::Any, "a list that holds the value, or a query for one");
const MATCHES: Field = Field::optional(
    "matches",
    &Shape::String,
    "regular expression that the text must match somewhere; a finding points at its group `part`, or at the match",
);
const KEY: Field =
    Field::optional("key", &Shape::String, "regular expression that the key of the node must match somewhere");
const RANGE: Field = Field::optional("range", &Shape::Fields(&BOUNDS), "bounds of a number, both inclusive");
const QUANTITY: Field = Field::optional(
    "quantity",
    &Shape::Fields(&QUANTITIES),
    "bounds of a quantity such as 250m or 1Gi, both inclusive",
);
const TYPE: Field = Field::optional(
    "type",
    &Shape::OneOf(&["string", "integer", "number", "boolean", "null", "mapping", "list"]),
    "the type of the value",
);
const DEFAULT: Field = Field::optional(
    "default",
    &Shape::Scalar,
    "the value that counts if there is none; without it a missing value fails the test",
);

const BOUNDS: Fields = Fields {
    name: "Bounds",
    fields: &[
        Field::optional("min", &Shape::Scalar, "the smallest number, or a query for it"),
        Field::optional("max", &Shape::Scalar, "the largest number, or a query for it"),
    ],
};

const QUANTITIES: Fields = Fields {
    name: "Quantities",
    fields: &[
        Field::optional("min", &Shape::Scalar, "the smallest quantity, or a query for it"),
        Field::optional("max", &Shape::Scalar, "the largest quantity, or a query for it"),
    ],
};

static UNIQUE: Fields = Fields {
    name: "Unique",
    fields: &[
        Field::required(
            "query",
            &Shape::OneOrMany(&Shape::String),
            "the nodes that must differ, a finding also shows the earlier node",
        ),
        Field::optional(
            "by",
            &Shape::OneOrMany(&Shape::StringOr(&BY)),
            "queries from each node, $, for what must differ; the node itself if left out",
        ),
        Field::optional("acrossLists", &Shape::Bool, "true if two items of one list may be the same"),
    ],
};

const BY: Fields = Fields {
    name: "By",
    fields: &[
        Field::required("query", &Shape::String, "query from each node, $, for what must differ"),
        Field::required("default", &Shape::Scalar, "the value that counts if there is none"),
    ],
};

static CASE: Fields = Fields {
    name: "Case",
    fields: &[
        Field::optional("when", &CONDITION, "when the case holds"),
        Field::optional("kubernetes", &Shape::String, VERSIONS),
        Field::optional("severity", &SEVERITY, "how bad the finding is then"),
        Field::optional("message", &Shape::String, "what is wrong then"),
        Field::optional("remediation", &Shape::String, "what to do then"),
    ],
};
