//! Commands of one program: functions, builtins, programs that run others, and those that ask.

use std::ops::Range;
use std::rc::Rc;

use crate::facts::runs::Flags;
use crate::facts::runs::Input;
use crate::facts::runs::Piece;
use crate::facts::runs::Shell;
use crate::facts::runs::ShellProgram;
use crate::facts::runs::Symbol;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::runs::invocation;
use crate::facts::waits::builtins::assignment;
use crate::facts::waits::duration::duration;
use crate::facts::waits::libraries::library;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::facts::waits::place::Place;
use crate::shell::Assignment;
use crate::shell::Command;
use crate::shell::PartKind;
use crate::shell::Word;

impl<'a> Machine<'_, 'a> {
    /// A command with its words as they are written.
    pub(super) fn simple(&mut self, assignments: &[Assignment], words: &[Word], command: &Command) -> Flow {
        let range = &command.range;
        let is_made = |word: &Word| word.parts.iter().any(|part| matches!(part.kind, PartKind::Substitution(_)));
        if words.is_empty() {
            // `$?` still tells of the command before, as in `result=$?`.
            for assignment in assignments {
                self.assign(assignment);
            }
            if !assignments.iter().any(|assignment| is_made(&assignment.value)) {
                self.state.status = Status::SUCCESS;
            }
            if command.redirects.is_empty() {
                return Flow::Next;
            }
            return self.redirected(&command.redirects, range, |_| Flow::Next);
        }
        let prints = self.output.is_none() && (words[0].is("echo") || words[0].is("printf"));
        self.muted += u32::from(prints);
        let compares = ["[", "test", "[[", "expr"].iter().any(|name| words[0].is(name));
        let outer = std::mem::replace(&mut self.pace.is_plain, compares);
        let fields = self.fields(words);
        self.pace.is_plain = outer;
        self.muted -= u32::from(prints);
        if fields.is_empty() && !words.iter().any(is_made) {
            self.state.status = Status::SUCCESS;
        }
        let before: Vec<_> = assignments
            .iter()
            .map(|assignment| (assignment.name.clone(), self.state.variables.get(&assignment.name).cloned()))
            .collect();
        for assignment in assignments {
            self.assign(assignment);
        }
        let script = words.iter().find_map(verbatim);
        let flow = self.redirected(&command.redirects, range, |machine| machine.run_words(&fields, script, range));
        for (name, value) in before {
            match value {
                Some(value) => self.state.variables.insert(name, value),
                None => self.state.variables.remove(&name),
            };
        }
        flow
    }

    fn assign(&mut self, assignment: &Assignment) {
        let outer = self.setting.replace(assignment.name.clone());
        let array = assignment.value.parts.iter().any(|part| matches!(part.kind, PartKind::Array(_)));
        if array {
            let values = self.fields(std::slice::from_ref(&assignment.value));
            self.state.variables.insert(assignment.name.clone(), values);
        } else {
            let plain = std::mem::replace(&mut self.pace.is_plain, false);
            let mut value = self.value(&assignment.value);
            self.pace.is_plain = plain;
            if assignment.appends {
                let before = self.variable(&assignment.name).and_then(|values| values.into_iter().next());
                let mut whole = before.unwrap_or_default();
                whole.append(value);
                value = whole;
            }
            self.set(&assignment.name, value);
        }
        self.setting = outer;
    }

    /// Runs expanded words. `script` is where a word that no shell changes is written, which may be a script.
    pub(super) fn run_words(&mut self, words: &[Value], script: Option<Range<usize>>, range: &Range<usize>) -> Flow {
        // Without words the status is that of what they were expanded by.
        let Some(first) = words.first() else { return Flow::Next };
        let Some(name) = first.literal() else { return self.unknown_program("", words, range) };
        if let Some(function) = self.functions.get(&name).cloned() {
            return self.call_function(&function, &words[1..]);
        }
        match name.as_str() {
            "eval" => {
                let text = joined(&words[1..]);
                let shell = self.shell();
                return self.nested(&text, None, range, Vec::new(), shell);
            }
            "." | "source" => return self.source(&name, words, range),
            "exec" if words.len() == 1 => {
                self.state.status = Status::SUCCESS;
                return Flow::Next;
            }
            "exec" => {
                let flow = self.run_words(&words[1..], script, range);
                return if flow == Flow::Next { Flow::Exit } else { flow };
            }
            "command" if words.get(1).and_then(Value::literal).is_some_and(|word| word.starts_with('-')) => {
                self.state.status = Status::UNKNOWN;
                return Flow::Next;
            }
            // To BusyBox it is a command like any other.
            "[[" if self.shell() != Shell::Dash => {
                let end = words.len() - usize::from(words.len() > 1);
                self.state.status = self.test(&words[1..end], true, range);
                return Flow::Next;
            }
            _ => {}
        }
        let literals: Vec<Option<String>> = words.iter().map(Value::literal).collect();
        let texts: Vec<Option<&str>> = literals.iter().map(Option::as_deref).collect();
        let call = invocation(&texts);
        if call.program > 0 && call.program < words.len() {
            if call.shell.is_none() || call.timeout.is_some() {
                return self.wrapped(words, &call, script, range);
            }
            for (name, value) in call.assignments.iter().filter_map(|&at| assignment(&words[at])) {
                self.set(&name, value);
            }
        }
        if let Some(shell) = call.shell {
            return self.shell_call(words, &shell, script, range);
        }
        if let Some(flow) = self.builtin(&name, words, range) {
            return flow;
        }
        if name.contains('/')
            && let Some(flow) = self.file_as_program(&name, words, range)
        {
            return flow;
        }
        if let Some(flow) = self.probe(&name, words, range) {
            return flow;
        }
        self.unknown_program(&name, words, range)
    }

    /// What `env`, `timeout`, `nohup` and others run.
    fn wrapped(
        &mut self,
        words: &[Value],
        call: &crate::facts::runs::Invocation,
        script: Option<Range<usize>>,
        range: &Range<usize>,
    ) -> Flow {
        let mut inner = call.program;
        if call.program == 0 {
            inner = 1;
        }
        for (name, value) in call.assignments.iter().filter_map(|&at| assignment(&words[at])) {
            self.set(&name, value);
        }
        let Some(at) = call.timeout else { return self.run_words(&words[inner..], script, range) };
        let limit = words.get(at).and_then(Value::literal).and_then(|text| duration(&text));
        self.notes.unknown_time |= limit.is_none();
        // A time that nobody knows is over some time.
        let seconds = limit.unwrap_or(1).max(1);
        let outer = self.deadline;
        let own = self.clock.saturating_add(seconds);
        self.deadline = Some(outer.map_or(own, |outer| outer.min(own)));
        let (flow, _) = self.subshell(None, |machine| machine.run_words(&words[inner..], script, range));
        self.deadline = outer;
        if flow == Flow::TimedOut && outer.is_none_or(|outer| self.clock < outer) {
            self.state.status = Status::Is(124);
            return Flow::Next;
        }
        flow
    }

    fn call_function(&mut self, function: &Rc<(Command, Place<'a>)>, arguments: &[Value]) -> Flow {
        let outer = std::mem::replace(&mut self.state.arguments, arguments.to_vec());
        let place = std::mem::replace(&mut self.place, function.1.clone());
        let flow = self.call(Flow::Lost, |machine| machine.command(&function.0));
        self.place = place;
        self.state.arguments = outer;
        if flow == Flow::Return { Flow::Next } else { flow }
    }

    /// A shell within the shell.
    fn shell_call(
        &mut self,
        words: &[Value],
        call: &crate::facts::runs::ShellCall,
        script: Option<Range<usize>>,
        range: &Range<usize>,
    ) -> Flow {
        let shell = match call.program {
            ShellProgram::Sh if self.run.image.sh == Shell::Unknown => self.shell(),
            ShellProgram::Sh => self.run.image.sh,
            ShellProgram::Dash => Shell::Dash,
            ShellProgram::Ash => Shell::Ash,
            ShellProgram::Bash => Shell::Bash,
            ShellProgram::Other => self.shell(),
        };
        let arguments = words[call.arguments.clone()].to_vec();
        let flags = std::mem::replace(&mut self.flags, call.flags);
        let flow = match call.input {
            Input::Text(at) => {
                let text = words[at].clone();
                self.subshell(None, |machine| machine.nested(&text, script, range, arguments, shell)).0
            }
            Input::File(at) => {
                let path = words[at].literal();
                let path = path.map(|path| self.copies.get(&path).cloned().unwrap_or(path));
                let file = path.as_deref().and_then(|path| self.script_at(path));
                match file {
                    Some(text) => self.subshell(None, |machine| machine.text(&text, arguments, shell)).0,
                    None => match path {
                        // A script of the image may be one that is known by name.
                        Some(path) => match self.probe(&path, &words[at..], range) {
                            Some(flow) => flow,
                            None => self.unknown_program(&path, &words[at..], range),
                        },
                        None => self.unknown_program("", words, range),
                    },
                }
            }
            Input::Standard => self.unknown_program("", words, range),
        };
        self.flags = flags;
        flow
    }

    /// Follows a text that was made while the script ran.
    fn nested(
        &mut self,
        text: &Value,
        verbatim: Option<Range<usize>>,
        range: &Range<usize>,
        arguments: Vec<Value>,
        shell: Shell,
    ) -> Flow {
        // What is not known in it can't be read: a name stands in for it, which is the variable it most likely is.
        let is_known = text.literal().is_some();
        let shown = text.shown(|symbol| match symbol {
            Symbol::Variable(name) => format!("${{{name}}}"),
            _ => "${_unknown}".to_owned(),
        });
        self.notes.doubtful |= !is_known
            && !text.pieces().iter().all(|piece| match piece {
                Piece::Text(..) | Piece::Symbol(Symbol::Variable(_)) => true,
                Piece::Symbol(_) => false,
            });
        let whole = self.place.range(range);
        let offset = verbatim.filter(|verbatim| verbatim.len() == shown.len()).map(|verbatim| verbatim.start);
        let offset = offset.and_then(|start| self.place.offset.map(|offset| offset + start));
        let number = self.place.number.wrapping_mul(31).wrapping_add(whole.start + 1);
        let place = Place { text: Rc::clone(&self.place.text), number, offset, whole };
        self.follow(place, &shown, arguments, shell)
    }

    /// Follows a script that has a text of its own.
    pub(super) fn text(&mut self, text: &Text<'a>, arguments: Vec<Value>, shell: Shell) -> Flow {
        let number = text.node().map_or(1, |node| (node.span().start as usize).wrapping_add(7));
        let whole = 0..text.as_str().len();
        let place = Place { text: Rc::new(text.clone()), number, offset: Some(0), whole };
        self.follow(place, text.as_str(), arguments, shell)
    }

    fn follow(&mut self, place: Place<'a>, script: &str, arguments: Vec<Value>, shell: Shell) -> Flow {
        let script = self.scripts.read(script, shell.dialect());
        self.notes.doubtful |= !script.problems.is_empty();
        let outer = (
            std::mem::replace(&mut self.place, place),
            std::mem::replace(&mut self.state.arguments, arguments),
            std::mem::replace(&mut self.own_shell, shell),
        );
        let flow = self.call(Flow::Lost, |machine| machine.list(&script.body));
        (self.place, self.state.arguments, self.own_shell) = outer;
        flow
    }

    /// `. file`, which dash alone does not know as `source`.
    fn source(&mut self, name: &str, words: &[Value], range: &Range<usize>) -> Flow {
        if name == "source" && self.shell() == Shell::Dash {
            self.state.status = Status::Is(127);
            return Flow::Next;
        }
        let path = words.get(1).and_then(Value::literal);
        let path = path.as_deref();
        let text = path.and_then(|path| self.script_at(path));
        let text = text.or_else(|| path.and_then(library).map(|text| Text::of_image(text.to_owned())));
        let arguments = self.state.arguments.clone();
        let flow = if let Some(text) = text {
            let shell = self.shell();
            self.text(&text, arguments, shell)
        } else {
            // It may set anything, but rarely what matters here.
            let _ = self.made(Made::Unknown, range.start);
            self.state.status = Status::UNKNOWN;
            Flow::Next
        };
        if flow == Flow::Return { Flow::Next } else { flow }
    }

    /// A mounted script that is called by its path.
    fn file_as_program(&mut self, path: &str, words: &[Value], range: &Range<usize>) -> Option<Flow> {
        let path = self.copies.get(path).cloned().unwrap_or_else(|| path.to_owned());
        let file = self.script_at(&path)?;
        let text = file.literal()?;
        let (program, flags) = crate::facts::runs::interpreter(text)?;
        let call = crate::facts::runs::ShellCall {
            program,
            input: Input::File(0),
            flags,
            zero: Some(0),
            arguments: 1..words.len(),
        };
        Some(self.shell_call(words, &call, None, range))
    }

    /// Follows a whole script as its shell begins it.
    pub(super) fn main(&mut self, script: &crate::shell::Script, arguments: Vec<Value>, flags: Flags) -> Flow {
        self.state.arguments = arguments;
        self.flags = flags;
        self.notes.doubtful |= !script.problems.is_empty();
        self.list(&script.body)
    }
}

/// Where the text of a word is written that no shell changes.
fn verbatim(word: &Word) -> Option<Range<usize>> {
    let [part] = &word.parts[..] else { return None };
    match &part.kind {
        PartKind::Text(text) if text.contains(' ') && text.len() == part.range.len() => Some(part.range.clone()),
        _ => None,
    }
}

/// Words as one text.
fn joined(words: &[Value]) -> Value {
    let mut text = Value::default();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            text.push_text(" ", None);
        }
        text.append(word.clone());
    }
    text
}
