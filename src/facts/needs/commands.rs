//! The commands of a script and the texts it writes, with variables filled in as far as they are known.
//!
//! Every way through the script is taken once, in the order written, so this is no run: a variable has the value that
//! was given last. Functions are followed where they are called, and so is what `sh -c` and `.` read.

use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Range;

use crate::facts::needs::operands;
use crate::facts::needs::operands::Command;
use crate::facts::runs::Found;
use crate::facts::runs::Input;
use crate::facts::runs::Run;
use crate::facts::runs::Symbol;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::runs::What;
use crate::facts::runs::invocation;
use crate::shell;
use crate::shell::CommandKind;
use crate::shell::Dialect;
use crate::shell::Direction;
use crate::shell::List;
use crate::shell::Part;
use crate::shell::PartKind;
use crate::shell::Word;
use crate::yaml::Node;

/// How many commands of one container are looked at, how many items of one `for`, and how deep functions and scripts
/// within scripts are followed.
const MAX_COMMANDS: usize = 5_000;
const MAX_ITEMS: usize = 20;
const MAX_DEPTH: usize = 8;

/// How many bytes of scripts within scripts are read for one container, and of values filled in.
const ROOM: usize = 1 << 20;

/// Builtins whose words are assignments.
const DECLARING: [&str; 5] = ["declare", "export", "local", "readonly", "typeset"];

/// What a container runs, in pieces that may name hosts.
pub(super) struct Commands<'a> {
    pub(super) found: Vec<Spoken<'a>>,
    /// The scripts that were read, by the scalars they are written in.
    pub(super) scripts: Vec<Node<'a>>,
    walked: usize,
    room: usize,
}

/// A piece of what is run.
pub(super) enum Spoken<'a> {
    Command(Command<'a>),
    /// What a script sets a variable to.
    Variable(String, Text<'a>),
    /// A text that a script feeds to a program, or a part of it that could not be read.
    Document(Text<'a>),
}

impl<'a> Commands<'a> {
    pub(super) fn new() -> Self {
        Self { found: Vec::new(), scripts: Vec::new(), walked: 0, room: ROOM }
    }

    /// Takes so many bytes, if there are so many.
    fn has_room_for(&mut self, bytes: usize) -> bool {
        let rest = self.room.checked_sub(bytes);
        self.room = rest.unwrap_or(0);
        rest.is_some()
    }

    /// Notes what the words of a container run.
    pub(super) fn add_run(&mut self, run: &Run<'a>) {
        let What::Script(script) = &run.what else {
            self.add_words(run, run.written.clone());
            return;
        };
        let arguments = script.arguments.iter().map(Text::value).collect();
        self.scripts.extend(script.text.node());
        self.read(run, &script.text, &script.tree.body, Scope { arguments, ..Scope::default() });
        let words: Vec<_> = run.written.iter().filter(|word| word.node() != script.text.node()).cloned().collect();
        let program = words.len();
        self.found.push(Spoken::Command(Command { words, program, is_shown: false }));
    }

    /// Notes what these words run.
    pub(super) fn add_words(&mut self, run: &Run<'a>, words: Vec<Text<'a>>) {
        self.run_words(run, words, true, &mut Scope::default());
    }

    /// Notes what a script does that is run or read by nobody knows whom.
    pub(super) fn add_script(&mut self, run: &Run<'a>, text: &Text<'a>, dialect: Dialect) {
        self.read(run, text, &shell::read(text.as_str(), dialect).body, Scope::default());
    }

    fn read(&mut self, run: &Run<'a>, text: &Text<'a>, body: &List, mut scope: Scope) {
        let mut reader = Reader { run, text, commands: self, functions: HashMap::new(), called: HashSet::new() };
        reader.list(body, true, &mut scope);
        let mut others: Vec<_> = reader.functions.iter().map(|(name, body)| (*name, *body)).collect();
        others.retain(|(name, _)| !reader.called.contains(name));
        others.sort_by_key(|(_, body)| body.range.start);
        for (_, body) in others {
            reader.command(body, true, &mut scope);
        }
    }

    fn run_words(&mut self, run: &Run<'a>, mut words: Vec<Text<'a>>, is_shown: bool, scope: &mut Scope) {
        let literals: Vec<_> = words.iter().map(Text::literal).collect();
        let invocation = invocation(&literals);
        let mut program = invocation.program;
        if let Some(call) = invocation.shell {
            let arguments = words[call.arguments].iter().map(Text::value).collect();
            let script = match call.input {
                Input::Text(at) => {
                    program = words.len();
                    Some(words.remove(at))
                }
                Input::File(at) => words[at].literal().and_then(|path| self.mounted(run, path)),
                Input::Standard => None,
            };
            if let Some(script) = script {
                let inner = Scope { arguments, variables: scope.variables.clone(), depth: scope.depth + 1 };
                self.read_inner(run, &script, inner);
            }
        }
        self.found.push(Spoken::Command(Command { words, program, is_shown }));
    }

    fn mounted(&mut self, run: &Run<'a>, path: &str) -> Option<Text<'a>> {
        let Found::File(text) = run.mounted.at(path) else { return None };
        self.scripts.extend(text.node());
        Some(text)
    }

    fn read_inner(&mut self, run: &Run<'a>, text: &Text<'a>, scope: Scope) {
        if scope.depth < MAX_DEPTH && self.has_room_for(text.as_str().len()) {
            self.read(run, text, &shell::read(text.as_str(), Dialect::Bash).body, scope);
        }
    }
}

/// What a script knows at a place.
#[derive(Default)]
struct Scope {
    variables: HashMap<String, Value>,
    arguments: Vec<Value>,
    depth: usize,
}

/// A walk through one script.
struct Reader<'r, 'a> {
    run: &'r Run<'a>,
    text: &'r Text<'a>,
    commands: &'r mut Commands<'a>,
    functions: HashMap<&'r str, &'r shell::Command>,
    called: HashSet<&'r str>,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn list(&mut self, list: &'r List, is_shown: bool, scope: &mut Scope) {
        for item in &list.items {
            for pipeline in std::iter::once(&item.first).chain(item.rest.iter().map(|(_, pipeline)| pipeline)) {
                for (index, command) in pipeline.commands.iter().enumerate() {
                    self.command(command, is_shown && index + 1 == pipeline.commands.len(), scope);
                }
            }
        }
    }

    fn command(&mut self, command: &'r shell::Command, is_shown: bool, scope: &mut Scope) {
        self.commands.walked += 1;
        if self.commands.walked > MAX_COMMANDS {
            return;
        }
        let is_shown = is_shown && !self.redirects(command, scope);
        match &command.kind {
            CommandKind::Simple { assignments, words } => self.simple(assignments, words, is_shown, scope),
            CommandKind::Group(list) | CommandKind::Subshell(list) => self.list(list, is_shown, scope),
            CommandKind::If { branches, otherwise } => {
                for (condition, body) in branches {
                    self.list(condition, is_shown, scope);
                    self.list(body, is_shown, scope);
                }
                if let Some(list) = otherwise {
                    self.list(list, is_shown, scope);
                }
            }
            CommandKind::Loop { condition, body, .. } => {
                self.list(condition, is_shown, scope);
                self.list(body, is_shown, scope);
            }
            CommandKind::For { variable, items, body } => {
                self.rounds(variable, items.as_deref().unwrap_or_default(), body, is_shown, scope);
            }
            CommandKind::Count { body, .. } => self.list(body, is_shown, scope),
            CommandKind::Case { arms, .. } => arms.iter().for_each(|arm| self.list(&arm.body, is_shown, scope)),
            CommandKind::Function { name, body } => {
                self.functions.insert(name, body);
            }
            CommandKind::Test(words) => {
                for word in words {
                    drop(self.parts(word, scope));
                }
            }
            CommandKind::Arithmetic(_) => {}
            CommandKind::Unread => {
                let range = command.range.clone();
                let raw = self.text.meaning(&self.text.as_str()[range.clone()]);
                self.commands.found.push(Spoken::Document(self.text.assembled(&[(range, raw)])));
            }
        }
    }

    /// Whether the output goes to a file; notes what the input is made of.
    fn redirects(&mut self, command: &'r shell::Command, scope: &mut Scope) -> bool {
        let mut goes_away = false;
        for redirect in command.redirects.iter().filter(|redirect| !redirect.target.is("/dev/null")) {
            let target = self.assembled(&redirect.target, scope);
            match redirect.direction {
                Direction::Document | Direction::Text => self.commands.found.push(Spoken::Document(target)),
                Direction::Read | Direction::Duplicate => self.dialed(target),
                _ => {
                    goes_away |= !matches!(target.as_str(), "/dev/stderr" | "/dev/stdout");
                    self.dialed(target);
                }
            }
        }
        goes_away
    }

    /// Notes a file that may be a connection.
    fn dialed(&mut self, target: Text<'a>) {
        if target.as_str().starts_with("/dev/") {
            self.commands.found.push(Spoken::Variable(String::new(), target));
        }
    }

    fn rounds(&mut self, variable: &str, items: &'r [Word], body: &'r List, is_shown: bool, scope: &mut Scope) {
        let mut texts = Vec::new();
        for word in items {
            self.fields(word, scope, &mut texts);
        }
        for text in texts.iter().take(MAX_ITEMS) {
            scope.variables.insert(variable.to_owned(), text.value());
            self.list(body, is_shown, scope);
        }
        if texts.is_empty() {
            scope.variables.insert(variable.to_owned(), Value::symbol(Symbol::Made(0)));
            self.list(body, is_shown, scope);
        }
    }

    fn simple(&mut self, assignments: &'r [shell::Assignment], words: &'r [Word], is_shown: bool, scope: &mut Scope) {
        for assignment in assignments {
            let text = self.assembled(&assignment.value, scope);
            scope.variables.insert(assignment.name.clone(), origin_of(&text, 0..text.as_str().len()));
            self.commands.found.push(Spoken::Variable(assignment.name.clone(), text));
        }
        if words.iter().all(|word| is_plain(word) && !self.is_followed(word)) {
            return;
        }
        let mut texts = Vec::with_capacity(words.len());
        for word in words {
            self.fields(word, scope, &mut texts);
        }
        let Some(program) = texts.first().and_then(Text::literal) else {
            self.commands.run_words(self.run, texts, is_shown, scope);
            return;
        };
        if let Some((&name, &body)) = self.functions.get_key_value(program) {
            self.called.insert(name);
            if scope.depth < MAX_DEPTH {
                let arguments = texts[1..].iter().map(|text| origin_of(text, 0..text.as_str().len())).collect();
                let outer = std::mem::replace(&mut scope.arguments, arguments);
                scope.depth += 1;
                self.command(body, is_shown, scope);
                scope.depth -= 1;
                scope.arguments = outer;
            }
            return;
        }
        if DECLARING.contains(&program) {
            for text in &texts[1..] {
                let Some((name, value)) = text.as_str().split_once('=') else { continue };
                let range = name.len() + 1..name.len() + 1 + value.len();
                scope.variables.insert(name.to_owned(), origin_of(text, range));
            }
        }
        if matches!(program, "." | "source") {
            let path = texts.get(1).and_then(Text::literal);
            if let Some(script) = path.and_then(|path| self.commands.mounted(self.run, path)) {
                let inner = Scope { arguments: Vec::new(), variables: scope.variables.clone(), depth: scope.depth + 1 };
                self.commands.read_inner(self.run, &script, inner);
            }
        }
        self.commands.run_words(self.run, texts, is_shown, scope);
    }

    /// Whether a word may be a program whose plain words count.
    fn is_followed(&self, word: &Word) -> bool {
        let [Part { kind: PartKind::Text(name), .. }] = &word.parts[..] else { return true };
        self.functions.contains_key(name.as_str()) || operands::dials(name)
    }

    /// The words that a word becomes: a variable outside of quotes may be several.
    fn fields(&mut self, word: &'r Word, scope: &mut Scope, texts: &mut Vec<Text<'a>>) {
        if let [Part { kind: PartKind::Text(text), range, .. }] = &word.parts[..] {
            texts.push(self.text.part(range.clone(), text));
            return;
        }
        let parts = self.parts(word, scope);
        let is_bare = matches!(&word.parts[..], [Part { kind: PartKind::Variable { .. }, quoted: false, .. }]);
        let several = match &parts[..] {
            [(range, value)] if is_bare => value.literal().map(|text| (range.clone(), span_of(value), text)),
            _ => None,
        };
        match several {
            Some((range, span, text)) if text.contains([' ', '\n', '\t']) => {
                let words = text.split_ascii_whitespace();
                texts.extend(words.map(|word| self.text.assembled(&[(range.clone(), Value::text(word, span))])));
            }
            _ => texts.push(self.text.assembled(&parts)),
        }
    }

    fn assembled(&mut self, word: &'r Word, scope: &mut Scope) -> Text<'a> {
        if let [Part { kind: PartKind::Text(text), range, .. }] = &word.parts[..] {
            return self.text.part(range.clone(), text);
        }
        let parts = self.parts(word, scope);
        self.text.assembled(&parts)
    }

    fn parts(&mut self, word: &'r Word, scope: &mut Scope) -> Vec<(Range<usize>, Value)> {
        word.parts.iter().map(|part| (part.range.clone(), self.part(part, scope))).collect()
    }

    fn part(&mut self, part: &'r Part, scope: &mut Scope) -> Value {
        let unknown = || Value::symbol(Symbol::Made(0));
        match &part.kind {
            PartKind::Text(text) | PartKind::Pattern(text) | PartKind::Home(text) => self.text.meaning(text),
            PartKind::Variable { name, operator, operand } => self.parameter(name, operator, operand.as_deref(), scope),
            PartKind::Substitution(list) | PartKind::Process(list) => {
                self.list(list, false, scope);
                unknown()
            }
            PartKind::Array(words) => {
                for word in words {
                    let text = self.assembled(word, scope);
                    self.commands.found.push(Spoken::Variable(String::new(), text));
                }
                unknown()
            }
            PartKind::Braces(_) | PartKind::Arithmetic(_) => unknown(),
        }
    }

    fn parameter(&mut self, name: &str, operator: &str, operand: Option<&'r Word>, scope: &mut Scope) -> Value {
        let set = match name.parse::<usize>() {
            Ok(number) => number.checked_sub(1).and_then(|index| scope.arguments.get(index).cloned()),
            Err(_) => scope.variables.get(name).cloned().or_else(|| self.run.environment.get(name)),
        };
        let is_empty = set.as_ref().is_none_or(Value::is_empty);
        let known = match operator {
            "" | ":?" | "?" => set,
            ":-" | ":=" if !is_empty => set,
            "-" | "=" if set.is_some() => set,
            ":-" | ":=" | "-" | "=" => operand.map(|word| {
                let text = self.assembled(word, scope);
                origin_of(&text, 0..text.as_str().len())
            }),
            _ => None,
        };
        let known = known.filter(|value| self.commands.has_room_for(value.len()));
        known.unwrap_or_else(|| Value::symbol(Symbol::Variable(name.into())))
    }
}

/// Whether a word says nothing by itself: it is no option, no address, and nothing is filled in.
fn is_plain(word: &Word) -> bool {
    match &word.parts[..] {
        [Part { kind: PartKind::Text(text), .. }] => !text.starts_with('-') && !operands::says_more(text),
        _ => false,
    }
}

/// A part of a text as the value of something else, which knows where the part was written.
fn origin_of(text: &Text<'_>, range: Range<usize>) -> Value {
    let value = text.meaning(&text.as_str()[range.clone()]);
    match value.literal() {
        Some(literal) => Value::text(literal, text.origin(range)),
        None => value,
    }
}

fn span_of(value: &Value) -> Option<crate::source::Span> {
    value.pieces().iter().find_map(|piece| match piece {
        crate::facts::runs::Piece::Text(_, span) => *span,
        crate::facts::runs::Piece::Symbol(_) => None,
    })
}
