//! What common programs do that they can't do twice, or that comes out different the second time.
//!
//! A table of rules over one command, each observed by running it twice on a kept volume with GNU and
//! BusyBox tools. Where a path leads, and what else the script does about it, is judged in `writes`.

use crate::facts::argv::base_name;
use crate::facts::commands::Command;
use crate::facts::words::Word;

/// Something that does not come out the same when it is done again.
pub(super) struct Deed<'c> {
    /// What it is done to.
    pub(super) targets: Vec<Target<'c>>,
    /// Whether the second time fails; else it goes through and leaves something else.
    pub(super) fails: bool,
    /// Why, and how to do it instead.
    pub(super) why: &'static str,
    /// What else in the script makes it fine.
    pub(super) mended_by: Mending,
}

/// A path: a word, or the working directory, and what is below it.
pub(super) struct Target<'c> {
    pub(super) word: Option<&'c Word>,
    pub(super) below: String,
}

/// What else a script may do about a path so that nothing is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mending {
    /// Take it away.
    Removal,
    /// Anything that makes, replaces or takes away what is there.
    Change,
}

/// The deeds of a command, as far as they are known: that of its program, and that of its output. The
/// image tells whose `wget` it is.
pub(super) fn of<'c>(command: &'c Command, image: &str) -> impl Iterator<Item = Deed<'c>> {
    program(command, image).into_iter().chain(appending(command))
}

/// Programs that put out nothing unless they are asked to.
const SILENT: [&str; 9] = ["chmod", "chown", "cp", "ln", "mkdir", "mv", "rm", "rmdir", "touch"];

fn appending(command: &Command) -> Option<Deed<'_>> {
    let arguments = Arguments(command.words.get(1..).unwrap_or_default());
    if SILENT.contains(&command.program()) && !arguments.has("cv", "--verbose") {
        return None;
    }
    let (file, _) = command.outputs.iter().find(|(_, appends)| *appends)?;
    drifts([file], "it adds to the file again; write the file anew with `>` first")
}

fn program<'c>(command: &'c Command, image: &str) -> Option<Deed<'c>> {
    let arguments = Arguments(command.words.get(1..)?);
    match command.program() {
        "mkdir" if !arguments.has("p", "--parents") => {
            fails(arguments.operands("m", &[]), "the directory is there by then; `mkdir -p` does not mind")
        }
        "mkfifo" | "mknod" => {
            fails(arguments.operands("m", &[]).into_iter().take(1), "the file is there by then; remove it first")
        }
        "ln" if !arguments.has("f", "--force") => {
            fails(arguments.two()?.into_iter().skip(1), "the link is there by then; `ln -sfn` replaces it")
        }
        "tee" if arguments.has("a", "--append") => {
            drifts(arguments.operands("", &[]), "it adds to the file again; write the file anew first")
        }
        "rm" if !arguments.has("f", "--force") => {
            changed(arguments.operands("", &[]), "the file is gone by then; `rm -f` does not mind")
        }
        "mv" => {
            changed(arguments.two()?.into_iter().take(1), "the file is gone by then; look first whether it is there")
        }
        "cp" => copy(&arguments),
        "git" => git(&arguments),
        // An answer makes them replace what is there.
        "unzip" | "ssh-keygen" | "keytool" if command.fed => None,
        program => other(program, &arguments, image),
    }
}

/// `cp -r DIRECTORY NAME` makes the copy `NAME` at first and `NAME/DIRECTORY` then.
fn copy<'c>(arguments: &Arguments<'c>) -> Option<Deed<'c>> {
    let [from, to] = arguments.two()?;
    let name = base_name(&from.text);
    // What looks like a file or a program is not copied as a directory, whatever the options say.
    let may_be_file = (name.contains('.') && name.strip_suffix(".d").is_none()) || from.text.contains("/bin/");
    let all = from.globs || from.text.ends_with("/.");
    if !arguments.has("rR", "--recursive") || arguments.has("Ttnu", "--no-target-directory") || may_be_file || all {
        return None;
    }
    let mut deed = drifts([to], "the copy goes into the directory that is there by then; `DIR/.` merges")?;
    // A path that ends so, or is a mount, is a directory from the start.
    deed.targets.retain(|target| target.word.is_some_and(|word| !word.text.ends_with('/')));
    Some(deed).filter(|deed| !deed.targets.is_empty() && !from.expands)
}

fn git<'c>(arguments: &Arguments<'c>) -> Option<Deed<'c>> {
    let mut words = arguments.0;
    let mut folder = None;
    while let [option, rest @ ..] = words {
        match option.text.as_str() {
            "-C" => folder = rest.first(),
            "-c" => {}
            option if option.starts_with('-') => {
                words = rest;
                continue;
            }
            _ => break,
        }
        words = rest.get(1..)?;
    }
    let rest = Arguments(words.get(1..)?);
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).take(3).collect();
    match texts.as_slice() {
        ["clone", ..] => {
            let long = ["--branch", "--depth", "--origin", "--config", "--reference", "--jobs", "--filter"];
            let operands = rest.operands("bocuj", &long);
            let target = match operands.as_slice() {
                [_, folder] => Target { word: Some(folder), below: String::new() },
                [url] if url.is_literal() => {
                    Target { word: folder, below: base_name(&url.text).trim_end_matches(".git").to_owned() }
                }
                _ => return None,
            };
            Some(failing(vec![target], "the directory is there by then; remove it first, or fetch instead"))
        }
        ["remote", "add", ..] => Some(in_folder(folder, "the remote is there by then; set its URL instead")),
        ["submodule", "add", ..] => Some(in_folder(folder, "the submodule is there by then")),
        ["worktree", "add", ..] => Some(in_folder(folder, "the worktree is there by then")),
        ["checkout", "-b", ..] => Some(in_folder(folder, "the branch is there by then; `checkout -B` resets it")),
        _ => None,
    }
}

fn other<'c>(program: &str, arguments: &Arguments<'c>, image: &str) -> Option<Deed<'c>> {
    match program {
        "unzip" if !arguments.has("onuflptzvZ", "") => {
            let why = "it asks whether to replace what is there by then; `unzip -o` does not";
            Some(in_folder(arguments.value("-d"), why))
        }
        "tar" => {
            let bundle = arguments.0.first().map_or("", |word| word.text.as_str());
            let is_set = |flag| bundle.contains(flag) || arguments.has(flag, "");
            let keeps =
                (is_set("x") && is_set("k") && !bundle.starts_with("--")) || arguments.has("", "--keep-old-files");
            keeps.then(|| in_folder(arguments.value("-C"), "the files are there by then; leave `-k` out"))
        }
        "gzip" | "gunzip" | "bzip2" | "bunzip2" | "xz" | "unxz" if !arguments.has("cftlk", "--stdout") => {
            fails(arguments.operands("", &[]), "the result is there by then; write it with `-c` and `>`")
        }
        "wget"
            if !arguments.has("OcNrmi", "--output-document")
                && !arguments.has_long(&["no-clobber", "continue", "timestamping", "spider", "version", "help"]) =>
        {
            let [url] = arguments.operands("PTtUeo", &[]).try_into().ok()?;
            let url: &Word = url;
            let target = Target { word: arguments.value("-P"), below: base_name(&url.text).to_owned() };
            let fails = image.contains("busybox") || image.contains("alpine");
            let why = "the file is there by then; say where it goes with `-O`";
            Some(Deed { fails, ..failing(vec![target], why) }).filter(|_| url.is_literal())
        }
        "ssh-keygen" if arguments.has("tN", "") && !arguments.has("AylRFeiLs", "") => {
            fails(arguments.value("-f"), "the key is there by then; look first whether it is")
        }
        "keytool" if arguments.has_word(&["-genkeypair", "-genkey", "-importcert", "-import"]) => {
            let why = "the alias is there by then; delete it from the keystore first";
            Some(Deed { mended_by: Mending::Change, ..fails(arguments.value("-keystore"), why)? })
        }
        "initdb" => fails(arguments.value("-D"), "the directory is not empty by then; look for `PG_VERSION` first"),
        _ => None,
    }
}

fn failing<'c>(targets: Vec<Target<'c>>, why: &'static str) -> Deed<'c> {
    Deed { targets, fails: true, why, mended_by: Mending::Removal }
}

/// A deed in a directory, the working directory if none is named.
fn in_folder<'c>(folder: Option<&'c Word>, why: &'static str) -> Deed<'c> {
    failing(vec![Target { word: folder, below: String::new() }], why)
}

fn fails<'c>(words: impl IntoIterator<Item = &'c Word>, why: &'static str) -> Option<Deed<'c>> {
    let targets: Vec<_> = words.into_iter().map(|word| Target { word: Some(word), below: String::new() }).collect();
    (!targets.is_empty()).then(|| failing(targets, why))
}

/// Fails unless something makes anew what the deed takes away.
fn changed<'c>(words: impl IntoIterator<Item = &'c Word>, why: &'static str) -> Option<Deed<'c>> {
    Some(Deed { mended_by: Mending::Change, ..fails(words, why)? })
}

fn drifts<'c>(words: impl IntoIterator<Item = &'c Word>, why: &'static str) -> Option<Deed<'c>> {
    Some(Deed { fails: false, ..changed(words, why)? })
}

/// The words behind a program.
struct Arguments<'c>(&'c [Word]);

impl<'c> Arguments<'c> {
    /// Whether one of these letters is among the short options, or the long option is there.
    fn has(&self, letters: &str, long: &str) -> bool {
        self.0.iter().map(|word| word.text.as_str()).any(|text| match text.strip_prefix('-') {
            Some(rest) if rest.starts_with('-') => !long.is_empty() && text.split('=').next() == Some(long),
            Some(rest) => rest.contains(|letter| letters.contains(letter)),
            None => false,
        })
    }

    fn has_long(&self, names: &[&str]) -> bool {
        self.0.iter().any(|word| word.text.strip_prefix("--").is_some_and(|name| names.contains(&name)))
    }

    fn has_word(&self, texts: &[&str]) -> bool {
        self.0.iter().any(|word| texts.contains(&word.text.as_str()))
    }

    /// The word behind an option.
    fn value(&self, option: &str) -> Option<&'c Word> {
        let at = self.0.iter().position(|word| word.text == option)?;
        self.0.get(at + 1)
    }

    /// The words that are no options and no values of these options.
    fn operands(&self, valued: &str, valued_long: &[&str]) -> Vec<&'c Word> {
        let mut operands = Vec::new();
        let mut words = self.0.iter();
        while let Some(word) = words.next() {
            match word.text.strip_prefix('-') {
                Some("-") => operands.extend(words.by_ref()),
                Some(flags) if flags.is_empty() || flags.starts_with('-') => {
                    if valued_long.contains(&word.text.as_str()) {
                        words.next();
                    }
                }
                Some(flags) => {
                    if flags.ends_with(|last| valued.contains(last)) {
                        words.next();
                    }
                }
                None => operands.push(word),
            }
        }
        operands
    }

    /// The operands if there are just two of them.
    fn two(&self) -> Option<[&'c Word; 2]> {
        self.operands("", &[]).try_into().ok()
    }
}
