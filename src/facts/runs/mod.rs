//! What a container runs: its words as the kubelet hands them on, the shell that reads a script and the script's
//! text, its variables, and the files that ConfigMaps and Secrets give it.
//!
//! What a script does is not known here. Fact of a pod: `runs` lists its containers with `container`, `role`, `shell`
//! and `argv`, whose unknown words are unknown. Rules: Kubernetes 1.36, observed.

mod value;
mod expand;
mod text;
mod objects;
mod links;
mod environment;
mod invocation;
mod image;
mod mounted;

pub(in crate::facts) use environment::Environment;
pub(in crate::facts) use environment::State;
pub(in crate::facts) use image::Image;
pub(in crate::facts) use image::Release;
pub(in crate::facts) use image::Shell;
pub(in crate::facts) use invocation::Flags;
pub(in crate::facts) use invocation::Input;
pub(in crate::facts) use invocation::Invocation;
pub(in crate::facts) use invocation::ShellCall;
pub(in crate::facts) use invocation::ShellProgram;
pub(in crate::facts) use invocation::base_name;
pub(in crate::facts) use invocation::read as invocation;
pub(in crate::facts) use mounted::Found;
pub(in crate::facts) use mounted::Mounted;
pub(in crate::facts) use text::Text;
pub(in crate::facts) use text::is_stand_in;
pub(in crate::facts) use value::Piece;
pub(in crate::facts) use value::Symbol;
pub(in crate::facts) use value::Value;

use std::rc::Rc;

use crate::facts::book::Book;
use crate::facts::kept::normal;
use crate::facts::scripts::Scripts;
use crate::facts::surroundings::Surroundings;
use crate::model::Container;
use crate::model::Pod;
use crate::model::Role;
use crate::render::Resource;
use crate::shell;
use crate::shell::Dialect;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// What one container runs.
pub(in crate::facts) struct Run<'a> {
    pub(in crate::facts) container: Container<'a>,
    pub(in crate::facts) image: Image,
    /// The words of `command` and `args`.
    pub(in crate::facts) written: Vec<Text<'a>>,
    /// All words, those of the image included. None if the image decides and nobody knows how.
    pub(in crate::facts) argv: Option<Vec<Text<'a>>>,
    pub(in crate::facts) what: What<'a>,
    pub(in crate::facts) environment: Environment<'a>,
    pub(in crate::facts) mounted: Mounted<'a>,
    /// The working directory, if it is written.
    pub(in crate::facts) folder: Option<String>,
}

/// What is run.
#[derive(Clone, Debug)]
pub(in crate::facts) enum What<'a> {
    /// A text that a shell reads.
    Script(Box<Script<'a>>),
    /// A program and its words, taken apart.
    Program(Invocation),
    /// A script that is not in the target, or something that is not written.
    Unknown,
}

/// A script as a shell gets it.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Script<'a> {
    pub(in crate::facts) text: Text<'a>,
    pub(in crate::facts) shell: Shell,
    pub(in crate::facts) flags: Flags,
    /// `$0`, if a word or a file says so.
    pub(in crate::facts) zero: Option<Text<'a>>,
    /// `$1` and so on.
    pub(in crate::facts) arguments: Vec<Text<'a>>,
    /// How the words of argv are taken apart, of which this is the shell.
    pub(in crate::facts) invocation: Invocation,
    /// What its shell reads.
    pub(in crate::facts) tree: Rc<shell::Script>,
}

impl Shell {
    /// The rules that a script is read by. Of a shell that is not known those that most shells share with ash.
    pub(in crate::facts) fn dialect(self) -> Dialect {
        match self {
            Self::Dash => Dialect::Posix,
            Self::Bash => Dialect::Bash,
            Self::Ash | Self::Unknown | Self::None => Dialect::Ash,
        }
    }
}

/// What the containers of a pod run, in the order in which they start; `complete` says that nobody adds to the pod
/// what is not written.
pub(in crate::facts) fn of<'a>(
    around: &'a Surroundings<'a>,
    resource: &'a Resource,
    pod: Pod<'a>,
    complete: bool,
) -> Vec<Run<'a>> {
    pod.containers().map(|container| of_container(around, resource, pod, container, complete)).collect()
}

fn of_container<'a>(
    around: &'a Surroundings<'a>,
    resource: &'a Resource,
    pod: Pod<'a>,
    container: Container<'a>,
    complete: bool,
) -> Run<'a> {
    let environment = Environment::of(around, resource, pod, container, complete);
    let mounted = Mounted::of(around, resource, pod, container, &environment);
    let image = container.node.get("image").filter(|image| !image.is_unknown());
    let image = Image::of(image.map_or("", Node::text));
    let folder = container.node.get("workingDir").filter(|folder| !folder.is_unknown());
    let folder = folder.and_then(|folder| normal("/", folder.text()));
    let words = |field| {
        let words = container.list(field);
        words.map(|word| Text::of_kubelet(word, |name| environment.in_command(name))).collect::<Vec<_>>()
    };
    let (mut written, rest) = (words("command"), words("args"));
    let argv = whole(image, &written, &rest);
    written.extend(rest);
    let place = Place { image, mounted: &mounted, folder: folder.as_deref(), scripts: &around.scripts };
    let what = argv.as_deref().map_or(What::Unknown, |argv| place.what(argv));
    Run { container, image, written, argv, what, environment, mounted, folder }
}

impl Run<'_> {
    /// The shell that reads what is run; `Shell::None` for a program that is no script by its name, none if that is
    /// not known.
    pub(in crate::facts) fn shell(&self) -> Option<Shell> {
        match &self.what {
            What::Script(script) => Some(script.shell).filter(|shell| *shell != Shell::Unknown),
            What::Program(invocation) => {
                let program = self.argv.as_ref()?.get(invocation.program)?.literal()?;
                let is_script = program.strip_suffix(".sh").is_some();
                (!is_script).then_some(Shell::None)
            }
            What::Unknown => None,
        }
    }
}

/// The words of a container; none if those of the image come first and are not known.
fn whole<'a>(image: Image, command: &[Text<'a>], args: &[Text<'a>]) -> Option<Vec<Text<'a>>> {
    let of_image = |words: &[String]| words.iter().map(|word| Text::of_image(word.clone())).collect::<Vec<_>>();
    if !command.is_empty() {
        return Some([command, args].concat());
    }
    // Nobody writes a shell for anything but to run it: entrypoints that do not hand on are not given one.
    let literal: Vec<_> = args.iter().map(Text::literal).collect();
    if invocation(&literal).shell.is_some() {
        return Some(args.to_vec());
    }
    let entrypoint = of_image(image.entrypoint()?);
    let args = if args.is_empty() { of_image(image.command()?) } else { args.to_vec() };
    Some([entrypoint, args].concat()).filter(|words| !words.is_empty())
}

/// Where a command runs.
struct Place<'r, 'a> {
    image: Image,
    mounted: &'r Mounted<'a>,
    folder: Option<&'r str>,
    scripts: &'r Scripts,
}

impl<'a> Place<'_, 'a> {
    fn what(&self, argv: &[Text<'a>]) -> What<'a> {
        let words: Vec<_> = argv.iter().map(Text::literal).collect();
        let invocation = invocation(&words);
        let Some(call) = invocation.shell.clone() else {
            return self.program(argv, invocation);
        };
        let texts = |range: std::ops::Range<usize>| argv[range].to_vec();
        let shell = self.shell(call.program);
        let (text, zero) = match call.input {
            Input::Text(at) => (argv[at].clone(), call.zero.map(|zero| argv[zero].clone())),
            Input::File(at) => match argv[at].literal().map(|path| self.at(path)) {
                Some(Found::File(text)) => (text, Some(argv[at].clone())),
                _ => return What::Unknown,
            },
            Input::Standard => return What::Unknown,
        };
        let arguments = texts(call.arguments);
        let tree = self.scripts.read(text.as_str(), shell.dialect());
        What::Script(Box::new(Script { text, shell, flags: call.flags, zero, arguments, invocation, tree }))
    }

    /// A program, which may be a script that is mounted.
    fn program(&self, argv: &[Text<'a>], invocation: Invocation) -> What<'a> {
        let at = invocation.program;
        let path = argv.get(at).and_then(Text::literal).filter(|path| path.contains('/'));
        let text = match path.map_or(Found::Elsewhere, |path| self.at(path)) {
            Found::File(text) => text,
            Found::Elsewhere => return What::Program(invocation),
            Found::Folder | Found::Missing | Found::Unknown => return What::Unknown,
        };
        let Some((program, flags)) = interpreter(text.as_str()) else {
            // Without a first line that says who reads it, the kernel does not run a text.
            let is_run = text.as_str().starts_with("#!");
            return if is_run { What::Program(invocation) } else { What::Unknown };
        };
        let (zero, arguments) = (Some(argv[at].clone()), argv[at + 1..].to_vec());
        let shell = self.shell(program);
        let tree = self.scripts.read(text.as_str(), shell.dialect());
        What::Script(Box::new(Script { text, shell, flags, zero, arguments, invocation, tree }))
    }

    /// What is at a path that may be relative to the working directory.
    fn at(&self, path: &str) -> Found<'a> {
        let absolute = match self.folder {
            _ if path.starts_with('/') => normal("/", path),
            Some(folder) => normal(folder, path),
            None => None,
        };
        absolute.map_or(Found::Elsewhere, |path| self.mounted.at(&path))
    }

    fn shell(&self, program: ShellProgram) -> Shell {
        match program {
            ShellProgram::Sh => self.image.sh,
            ShellProgram::Dash => Shell::Dash,
            ShellProgram::Ash => Shell::Ash,
            ShellProgram::Bash => Shell::Bash,
            ShellProgram::Other => Shell::Unknown,
        }
    }
}

/// The shell that the first line of a script asks for, and the flags it is given there.
pub(in crate::facts) fn interpreter(text: &str) -> Option<(ShellProgram, Flags)> {
    let line = text.lines().next()?.strip_prefix("#!")?;
    let mut words = line.split_whitespace().peekable();
    let mut program = words.next()?;
    if base_name(program) == "env" {
        words.next_if(|word| matches!(*word, "-S"));
        program = words.next()?;
    }
    let is_applet = base_name(program) == "busybox";
    if is_applet {
        program = words.next()?;
    }
    let mut flags = Flags::default();
    for letters in words.filter_map(|word| word.strip_prefix('-')) {
        letters.chars().for_each(|letter| flags.set_letter(letter, true));
    }
    Some((invocation::shell_program(program, is_applet)?, flags))
}

/// Writes down what is said of each container.
pub(super) fn infer(runs: &[Run<'_>], book: &mut Book, facts: NodeId) {
    for run in runs {
        let container = run.container;
        let item = book.item(facts, "runs", container.node.get("name").unwrap_or(container.node));
        book.text(item, "container", container.name());
        let role = match container.role {
            Role::Init => "init",
            Role::Sidecar => "sidecar",
            Role::App => "app",
        };
        book.text(item, "role", role);
        book.verdict(item, "shell", run.shell().map(Shell::name));
        let words = run.argv.iter().flatten().map(|word| (word.literal(), word.node()));
        book.words(item, "argv", words);
    }
}

#[cfg(test)]
mod tests;
