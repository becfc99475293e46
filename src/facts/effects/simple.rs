//! Simple commands: assignments, functions, builtins of the shell, other shells, and programs.

use std::rc::Rc;

use crate::facts::effects::arg::Arg;
use crate::facts::effects::atoms::is_atom;
use crate::facts::effects::atoms::is_known;
use crate::facts::effects::disk::Entry;
use crate::facts::effects::disk::ROOT;
use crate::facts::effects::files::ANY_FOLDER;
use crate::facts::effects::files::Expect;
use crate::facts::effects::files::Kind;
use crate::facts::effects::machine::Flow;
use crate::facts::effects::machine::Leave;
use crate::facts::effects::machine::Loaded;
use crate::facts::effects::machine::MAX_TEXT;
use crate::facts::effects::machine::Machine;
use crate::facts::effects::machine::Site;
use crate::facts::effects::programs;
use crate::facts::runs::Flags;
use crate::facts::runs::Input;
use crate::facts::runs::Invocation;
use crate::facts::runs::Text;
use crate::facts::runs::base_name;
use crate::facts::runs::interpreter;
use crate::facts::runs::invocation;
use crate::shell::Assignment;
use crate::shell::Command;
use crate::shell::Dialect;
use crate::shell::Part;
use crate::shell::PartKind;

impl<'a> Machine<'_, 'a> {
    pub(super) fn simple(&mut self, assignments: &[Assignment], args: &[Arg]) -> Flow {
        if args.is_empty() {
            // `$?` still tells of the command before, as in `result=$?`.
            for assignment in assignments {
                self.assign(assignment)?;
            }
            let is_made = |part: &Part| matches!(part.kind, PartKind::Substitution(_));
            if !assignments.iter().any(|assignment| assignment.value.parts.iter().any(is_made)) {
                self.status = 0;
            }
            return Ok(self.status);
        }
        let kept: Vec<_> =
            assignments.iter().map(|own| (own.name.clone(), self.variables.get(&own.name).cloned())).collect();
        for assignment in assignments {
            self.assign(assignment)?;
        }
        let status = self.run_words(args);
        for (name, value) in kept {
            match value {
                Some(value) => self.variables.insert(name, value),
                None => self.variables.remove(&name),
            };
        }
        let status = status?;
        self.status = status;
        Ok(status)
    }

    fn assign(&mut self, assignment: &Assignment) -> Flow<()> {
        let mut value = self.one(&assignment.value)?;
        if assignment.appends {
            let before = self.variable(&assignment.name).unwrap_or_default();
            value.insert_str(0, &before);
        }
        if value.len() > MAX_TEXT {
            return Err(Leave::Lost);
        }
        self.variables.insert(assignment.name.clone(), Some(value.into()));
        Ok(())
    }

    /// Runs a program, builtin or function with its words.
    pub(super) fn run_words(&mut self, args: &[Arg]) -> Flow {
        let Some(first) = args.first() else { return Ok(0) };
        let name = first.text.clone();
        if let Some((script, body)) = self.functions.get(&name).cloned() {
            return self.call(&script, &body, &args[1..]);
        }
        if let Some(status) = self.builtin(&name, &args[1..])? {
            return Ok(status);
        }
        let words: Vec<Option<&str>> =
            args.iter().map(|arg| Some(arg.text.as_str()).filter(|text| !text.starts_with(is_atom))).collect();
        let invocation = invocation(&words);
        if invocation.shell.is_some() {
            return self.shell_call(&invocation, args);
        }
        let Some(program) = args.get(invocation.program) else {
            return if args.len() == 1 { Ok(0) } else { self.program_unknown(args) };
        };
        let rest = &args[invocation.program + 1..];
        if invocation.program > 0
            && let Some(status) = self.builtin(&program.text, rest)?
        {
            return Ok(status);
        }
        if let Some(status) = self.file_as_program(&args[invocation.program..])? {
            return Ok(status);
        }
        programs::run(self, base_name(&program.text), &args[invocation.program..])
    }

    /// A script that is called by its path, mounted or written before.
    fn file_as_program(&mut self, args: &[Arg]) -> Flow<Option<u8>> {
        let Some(path) = args.first().map(|arg| arg.text.as_str()).filter(|path| path.contains('/')) else {
            return Ok(None);
        };
        let Some(loaded) = self.script_at(path)? else { return Ok(None) };
        let Some((_, flags)) = interpreter(loaded.text.as_str()) else { return Ok(None) };
        let arguments = args[1..].iter().map(|arg| arg.text.clone()).collect();
        self.shell_of_its_own(&loaded, flags, arguments).map(Some)
    }

    fn call(&mut self, script: &Rc<Loaded<'a>>, body: &Command, args: &[Arg]) -> Flow {
        let arguments = args.iter().map(|arg| arg.text.clone()).collect();
        let before = std::mem::replace(&mut self.arguments, arguments);
        let site = std::mem::replace(&mut self.here, Site { script: Rc::clone(script), range: body.range.clone() });
        let result = self.inside(|machine| machine.command(body));
        self.here = site;
        self.arguments = before;
        match result {
            Err(Leave::Return(status)) => Ok(status),
            result => result,
        }
    }

    /// A builtin of the shell; none if it is none.
    fn builtin(&mut self, name: &str, args: &[Arg]) -> Flow<Option<u8>> {
        let text = |at: usize| args.get(at).map_or("", |arg: &Arg| arg.text.as_str());
        let number = |at: usize| text(at).parse::<u32>().unwrap_or(1);
        Ok(Some(match name {
            ":" | "true" | "umask" | "wait" | "ulimit" | "hash" | "alias" | "unalias" | "shopt" | "enable" | "fg"
            | "bg" | "jobs" | "disown" | "times" => 0,
            "false" => {
                self.fail("", None, "");
                1
            }
            "cd" => self.change_folder(args)?,
            "pwd" => {
                self.print(&format!("{}\n", self.folder.clone()))?;
                0
            }
            "set" => self.set(args),
            "export" | "readonly" | "local" | "declare" | "typeset" | "unset" => self.declare(name, args),
            "shift" => {
                let count = (number(0) as usize).min(self.arguments.len());
                self.arguments.drain(..count);
                0
            }
            "exit" => {
                let status = if args.is_empty() { self.status } else { exit_status(text(0)) };
                return Err(Leave::Exit(status));
            }
            "return" => {
                let status = if args.is_empty() { self.status } else { exit_status(text(0)) };
                return Err(Leave::Return(status));
            }
            "break" => return Err(Leave::Break(number(0))),
            "continue" => return Err(Leave::Continue(number(0))),
            "eval" => {
                let texts: Vec<_> = args.iter().map(|arg| arg.text.as_str()).collect();
                self.eval(&texts.join(" "))?
            }
            "." | "source" => self.source_file(text(0), &args[1.min(args.len())..])?,
            "trap" => self.trap(args),
            "read" => self.read(args),
            "exec" if args.is_empty() => 0,
            "exec" => {
                let status = self.run_words(args)?;
                return Err(Leave::Exit(status));
            }
            "command" | "type" | "which" | "hash_" if name != "command" || matches!(text(0), "-v" | "-V") => {
                let program = args.last().map_or("", |arg| arg.text.as_str()).to_owned();
                self.print(&format!("/usr/bin/{program}\n"))?;
                self.outcome(&format!("program {program}"))
            }
            "let" => {
                let value = self.arithmetic(text(0));
                u8::from(value == "0")
            }
            "test" | "[" => self.test(name, args)?,
            "[[" if self.dialect() == Dialect::Ash => self.test(name, args)?,
            _ => return Ok(None),
        }))
    }

    fn declare(&mut self, name: &str, args: &[Arg]) -> u8 {
        if name == "unset" {
            for arg in args.iter().filter(|arg| !arg.text.starts_with('-')) {
                self.variables.insert(arg.text.clone(), None);
            }
            return 0;
        }
        for arg in args {
            if let Some((name, value)) = arg.text.split_once('=') {
                self.variables.insert(name.to_owned(), Some(value.into()));
            } else if name == "local" && !arg.text.starts_with('-') {
                self.variables.insert(arg.text.clone(), Some("".into()));
            }
        }
        0
    }

    fn trap(&mut self, args: &[Arg]) -> u8 {
        let args: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).filter(|arg| *arg != "--").collect();
        if let [action, signals @ ..] = args.as_slice()
            && signals.iter().any(|signal| matches!(*signal, "EXIT" | "0"))
        {
            self.at_exit = Some((*action).to_owned()).filter(|action| *action != "-");
        }
        0
    }

    fn change_folder(&mut self, args: &[Arg]) -> Flow {
        let to = args.iter().find(|arg| !arg.text.starts_with('-') || arg.text == "-");
        let to = to.map_or("/root", |to| to.text.as_str()).to_owned();
        if to == "-" {
            return Ok(0);
        }
        let Some(target) = self.target(&to, true)? else {
            // Nobody knows where; what is written there is lost sight of.
            self.folder = format!("/{}", self.unknown());
            return Ok(0);
        };
        let expect = if self.probing > 0 { ANY_FOLDER } else { Expect::Kind(Kind::Directory) };
        match self.look(&target.place, expect) {
            Kind::Directory | Kind::Unknown => {
                self.folder = target.path;
                Ok(0)
            }
            _ => Ok(self.fail("cd", Some((target.place, &target.path)), "the directory is not there by then")),
        }
    }

    fn set(&mut self, args: &[Arg]) -> u8 {
        let words: Vec<Option<&str>> = args.iter().map(|arg| Some(arg.text.as_str())).collect();
        if let Some(at) = self.flags.set(&words) {
            self.arguments = args[at..].iter().map(|arg| arg.text.clone()).collect();
        }
        0
    }

    fn read(&mut self, args: &[Arg]) -> u8 {
        let mut names: Vec<&str> = Vec::new();
        let mut words = args.iter();
        while let Some(arg) = words.next() {
            match arg.text.strip_prefix('-') {
                Some(letters) if letters.ends_with(['d', 'p', 't', 'n', 'N', 'u', 'a', 'i']) => {
                    words.next();
                }
                Some(_) => {}
                None => names.push(&arg.text),
            }
        }
        let input = Rc::clone(&self.input);
        if input.is_empty() {
            for name in names {
                self.variables.insert(name.to_owned(), Some("".into()));
            }
            return 1;
        }
        let (line, rest) = input.split_once('\n').unwrap_or((&input, ""));
        let mut values = line.trim();
        let count = names.len();
        for (at, name) in names.iter().enumerate() {
            let (value, after) = match values.split_once(char::is_whitespace).filter(|_| at + 1 < count) {
                Some((value, after)) => (value, after.trim_start()),
                None => (values, ""),
            };
            self.variables.insert((*name).to_owned(), Some(value.into()));
            values = after;
        }
        self.input = rest.into();
        0
    }

    /// `. file`
    fn source_file(&mut self, path: &str, args: &[Arg]) -> Flow {
        let Some(loaded) = self.script_at(path)? else {
            // What it does to the shell is not known; to volumes it is taken to do nothing if it is of the image.
            return match self.target(path, true)? {
                Some(target) if target.place.volume == ROOT => Ok(0),
                _ => Err(Leave::Lost),
            };
        };
        let before = (!args.is_empty()).then(|| {
            let own = args.iter().map(|arg| arg.text.clone()).collect();
            std::mem::replace(&mut self.arguments, own)
        });
        let result = self.source(&loaded);
        if let Some(before) = before {
            self.arguments = before;
        }
        match result {
            Err(Leave::Return(status)) => Ok(status),
            result => result,
        }
    }

    /// Another shell.
    fn shell_call(&mut self, invocation: &Invocation, args: &[Arg]) -> Flow {
        let Some(call) = &invocation.shell else { return Ok(0) };
        let arguments: Vec<String> = args[call.arguments.clone()].iter().map(|arg| arg.text.clone()).collect();
        let flags = call.flags;
        let loaded = match call.input {
            Input::Text(at) => {
                let text = Text::of_image(args[at].text.clone());
                Some(self.load(text, self.dialect()))
            }
            Input::File(at) => self.script_at(&args[at].text)?,
            Input::Standard => {
                let input = Rc::clone(&self.input);
                if !is_known(&input) {
                    return self.program_unknown(args);
                }
                let text = Text::of_image(input.to_string());
                Some(self.load(text, self.dialect()))
            }
        };
        let Some(loaded) = loaded else { return self.program_unknown(args) };
        self.shell_of_its_own(&loaded, flags, arguments)
    }

    /// Runs a script in another shell.
    fn shell_of_its_own(&mut self, loaded: &Rc<Loaded<'a>>, flags: Flags, arguments: Vec<String>) -> Flow {
        let (kept, tolerant) = (std::mem::replace(&mut self.arguments, arguments), std::mem::take(&mut self.tolerant));
        let result = self.subshell(|machine| {
            machine.flags = flags;
            machine.source(loaded)
        });
        self.arguments = kept;
        self.tolerant = tolerant;
        result
    }

    /// The script that is in a file, if that is known.
    fn script_at(&mut self, path: &str) -> Flow<Option<Rc<Loaded<'a>>>> {
        let Some(target) = self.target(path, true)? else { return Ok(None) };
        let dialect = self.dialect();
        if target.place.volume == ROOT && self.disk.get(&target.place).is_none() {
            let text = self.setting.run.mounted.script_at(&target.path);
            return Ok(text.map(|text| self.load(text, dialect)));
        }
        if !matches!(self.disk.get(&target.place), Some(Entry::File(_))) {
            return Ok(None);
        }
        let content = self.content(&target.place);
        // A program that was copied there is not known.
        let is_text = is_known(&content) || content.chars().any(|letter| !is_atom(letter));
        Ok(is_text.then(|| self.load(Text::of_image(content.to_string()), dialect)))
    }
}

fn exit_status(text: &str) -> u8 {
    if is_known(text) { text.parse::<i32>().map_or(2, |status| status.to_le_bytes()[0]) } else { 0 }
}
