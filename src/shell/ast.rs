//! The tree of a script. Names are those of the POSIX grammar (Shell Command Language, 2.10) where it has them.

use std::ops::Range;

/// Whose rules a script is read by. They differ in few places, and those decide about what happens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dialect {
    /// dash, or any shell that knows nothing beyond POSIX: `cmd &>file` is `cmd &` and `>file`.
    Posix,
    /// The ash of BusyBox: POSIX with `&>`, `[[`, `source`, `function` and `pipefail`.
    Ash,
    /// bash, and what else knows arrays, `((`, `{1..3}`, `<(…)` and `/dev/tcp`.
    Bash,
}

/// A whole script.
#[derive(Clone, PartialEq, Debug)]
pub struct Script {
    /// What it does.
    pub body: List,
    /// What could not be read, in the order of the text.
    pub problems: Vec<Problem>,
}

/// Something that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where, in bytes of the script.
    pub range: Range<usize>,
    /// What, in words.
    pub what: &'static str,
}

/// Commands one after the other.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct List {
    /// What is separated by `;`, `&` and line ends.
    pub items: Vec<Item>,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// The one that always runs.
    pub first: Pipeline,
    /// Those that depend on what came before.
    pub rest: Vec<(Join, Pipeline)>,
    /// Whether it ends with `&`, so that nobody waits for it.
    pub background: bool,
}

/// What stands between two pipelines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Join {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// Commands joined by `|`.
#[derive(Clone, PartialEq, Debug)]
pub struct Pipeline {
    /// Whether it begins with `!`.
    pub negated: bool,
    /// At least one.
    pub commands: Vec<Command>,
}

/// One command and where its input and output go.
#[derive(Clone, PartialEq, Debug)]
pub struct Command {
    /// What it is.
    pub kind: CommandKind,
    /// In the order written.
    pub redirects: Vec<Redirect>,
    /// Its bytes of the script, redirections included.
    pub range: Range<usize>,
}

/// What a command is.
#[derive(Clone, PartialEq, Debug)]
pub enum CommandKind {
    /// A program, a builtin or a function with its words; or assignments alone.
    Simple {
        /// `NAME=value` before the words.
        assignments: Vec<Assignment>,
        /// The program and its arguments.
        words: Vec<Word>,
    },
    /// `{ … }`
    Group(List),
    /// `( … )`
    Subshell(List),
    /// `if … then … elif … then … else … fi`
    If {
        /// Each condition with what is done if it holds.
        branches: Vec<(List, List)>,
        /// What is done if none holds.
        otherwise: Option<List>,
    },
    /// `while` and `until`.
    Loop {
        /// Whether it goes on for as long as the condition fails.
        until: bool,
        /// What is asked before each round.
        condition: List,
        /// What each round does.
        body: List,
    },
    /// `for NAME in …`
    For {
        /// The variable.
        variable: String,
        /// What it goes through; none without `in`, which means the arguments.
        items: Option<Vec<Word>>,
        /// What each round does.
        body: List,
    },
    /// `for ((…; …; …))`
    Count {
        /// What stands within the parentheses.
        header: String,
        /// What each round does.
        body: List,
    },
    /// `case … in … esac`
    Case {
        /// What is compared.
        subject: Word,
        /// With what, in order.
        arms: Vec<Arm>,
    },
    /// `NAME() …` and `function NAME …`
    Function {
        /// What it is called.
        name: String,
        /// What it does.
        body: Box<Command>,
    },
    /// `[[ … ]]` where it is a part of the grammar: what is within, operators included.
    Test(Vec<Word>),
    /// `(( … ))`: what is within.
    Arithmetic(String),
    /// What could not be followed.
    Unread,
}

/// `NAME=value`, or `NAME+=value`.
#[derive(Clone, PartialEq, Debug)]
pub struct Assignment {
    /// The variable, without an index.
    pub name: String,
    /// Whether it adds to the value.
    pub appends: bool,
    /// The value. An array is a word that could not be followed: one part of kind [`PartKind::Array`].
    pub value: Word,
    /// Its bytes of the script.
    pub range: Range<usize>,
}

/// One way through a `case`.
#[derive(Clone, PartialEq, Debug)]
pub struct Arm {
    /// What the subject is compared with.
    pub patterns: Vec<Word>,
    /// What is done then.
    pub body: List,
    /// Whether it ends with `;&` or `;;&`, so that what follows may be done too.
    pub falls_through: bool,
}

/// Where input comes from or output goes.
#[derive(Clone, PartialEq, Debug)]
pub struct Redirect {
    /// The descriptor, if one is written. That of `<&` alone is 0.
    pub descriptor: Option<u32>,
    /// Which way.
    pub direction: Direction,
    /// The file, the descriptor, or the text.
    pub target: Word,
    /// Its bytes of the script; of a here-document those of `<<END`.
    pub range: Range<usize>,
}

/// Which way a redirection goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// `<`
    Read,
    /// `>`, which `set -C` keeps from replacing a file.
    Write,
    /// `>|`
    Replace,
    /// `>>`
    Append,
    /// `<>`
    ReadWrite,
    /// `>&` and `<&` with a descriptor or `-`.
    Duplicate,
    /// `&>`, and `>&` with a file: output and errors.
    WriteBoth,
    /// `&>>`
    AppendBoth,
    /// `<<` and `<<-`: the target is the text that follows.
    Document,
    /// `<<<`: the target is the text.
    Text,
}

/// One word, in the parts that a shell sees in it.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Word {
    /// In order; none for an empty pair of quotes. Beside other parts such a pair is a quoted text of no length: with
    /// it the word is one even if the others expand to nothing.
    pub parts: Vec<Part>,
    /// Its bytes of the script.
    pub range: Range<usize>,
}

/// A part of a word.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Whether it stands in quotes or behind a backslash, so that it is neither split nor a pattern.
    pub quoted: bool,
    /// Its bytes of the script, quotes left out.
    pub range: Range<usize>,
}

/// What a part of a word is.
#[derive(Clone, PartialEq, Debug)]
pub enum PartKind {
    /// The text itself, escapes resolved.
    Text(String),
    /// `*`, `?` or `[…]` outside of quotes, as written.
    Pattern(String),
    /// `~` or `~name` at the start of a word.
    Home(String),
    /// `$NAME` and `${NAME…}`.
    Variable {
        /// `HOME`, `1`, `@`, `?`.
        name: String,
        /// What `${NAME` is followed by: `:-`, `#`, `%%`, `/`; empty for none. `${#NAME}` is `length`, `${!NAME}` is
        /// `!`, and the index of an array stands before what follows it: `[@]`, `[0]:-`.
        operator: String,
        /// What follows the operator.
        operand: Option<Box<Word>>,
    },
    /// `$(…)` and backticks.
    Substitution(List),
    /// `$((…))`: what is within.
    Arithmetic(String),
    /// `<(…)` and `>(…)`.
    Process(List),
    /// `{a,b}` and `{1..3}` as bash reads them: what is within. For the others it is text. Where a script can only be
    /// read if a template is taken for a word, also `{{ … }}`, with the inner braces.
    Braces(String),
    /// `(…)` of an array's assignment.
    Array(Vec<Word>),
}

impl Word {
    /// The text of a word that no shell would change; none if something is expanded.
    pub fn literal(&self) -> Option<String> {
        let mut literal = String::new();
        for part in &self.parts {
            match &part.kind {
                PartKind::Text(text) => literal.push_str(text),
                _ => return None,
            }
        }
        Some(literal)
    }

    /// Whether it is this very text, quoted or not.
    pub fn is(&self, text: &str) -> bool {
        let mut rest = text;
        for part in &self.parts {
            let PartKind::Text(own) = &part.kind else { return false };
            let Some(after) = rest.strip_prefix(own.as_str()) else { return false };
            rest = after;
        }
        rest.is_empty()
    }
}
