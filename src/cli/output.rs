//! Standard output and standard error: what is written to them, and what they can show.

use std::ffi::OsStr;
use std::io;
use std::io::IsTerminal;
use std::io::Write;

use terminal_size::Height;
use terminal_size::Width;

use crate::cli::exit::Exit;
use crate::cli::settings::Color;
use crate::cli::settings::Terminal;
use crate::report;
use crate::report::Report;
use crate::report::Standpoint;
use crate::report::Style;
use crate::report::clean;
use crate::source::Sources;

/// The width of a report that does not go to a terminal, the same everywhere.
pub(super) const WIDTH: usize = 100;

/// Why a command could not be carried out: one sentence, in lower case and without a full stop.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Writes an answer to standard output.
///
/// # Errors
/// When it could not be written, unless nobody wants to read it any more.
pub(super) fn print(text: &str) -> Result<Exit, Failure> {
    write(&mut io::stdout().lock(), text)?;
    Ok(Exit::Clean)
}

/// Writes lines of files to standard output: as they are for a program, and harmless on a terminal.
///
/// # Errors
/// As for [`print`].
pub(super) fn print_lines_of_files(text: &str) -> Result<Exit, Failure> {
    if !io::stdout().is_terminal() {
        return print(text);
    }
    let lines: Vec<String> = text.lines().map(|line| clean(line) + "\n").collect();
    print(&lines.concat())
}

/// Writes several streams of YAML documents to standard output, as one.
///
/// # Errors
/// As for [`print`].
pub(super) fn print_documents(texts: &[String]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    let mut texts = texts.iter().filter(|text| !text.is_empty()).peekable();
    while let Some(text) = texts.next() {
        write(&mut out, text)?;
        write(&mut out, if texts.peek().is_some() { "---\n" } else { "" })?;
    }
    Ok(Exit::Clean)
}

fn write(to: &mut impl Write, text: &str) -> Result<(), Failure> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("the answer could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says on standard error why a command could not be carried out.
pub(super) fn complain(failure: &Failure) -> Exit {
    // Where standard error is closed too, the exit code still tells.
    drop(writeln!(io::stderr().lock(), "error: {}", clean(&failure.0)));
    Exit::Unchecked
}

/// Shows the entries of a report on standard error, without its summary, where the answer is another.
pub(super) fn problems(report: &Report, terminal: Terminal) {
    let size = terminal_size::terminal_size_of(io::stderr());
    let style = style_of(io::stderr().is_terminal(), size, terminal, &report.sources);
    let text = report::human(report, &style);
    let entries = text.trim_end().rsplit_once("\n\n").map_or("", |(entries, _)| entries);
    drop(writeln!(io::stderr().lock(), "{entries}"));
}

/// Says something on standard error for those who want to know more.
pub(super) fn remark(text: &str) {
    drop(writeln!(io::stderr().lock(), "{}", clean(text)));
}

/// How a report on standard output should look.
pub(super) fn style(terminal: Terminal, sources: &Sources) -> Style {
    let size = terminal_size::terminal_size_of(io::stdout());
    style_of(io::stdout().is_terminal(), size, terminal, sources)
}

/// Where the user stands, as seen from the repository of `sources`.
pub(super) fn standpoint(sources: &Sources) -> Standpoint {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    sources.root().zip(here.ok()).map_or_else(Standpoint::default, |(root, here)| Standpoint::new(root, &here))
}

fn style_of(is_terminal: bool, size: Option<(Width, Height)>, terminal: Terminal, sources: &Sources) -> Style {
    let no_color = std::env::var_os("NO_COLOR");
    let term = std::env::var_os("TERM");
    Style {
        color: colored(terminal.color, is_terminal, no_color.as_deref(), term.as_deref()),
        width: size.filter(|_| is_terminal).map_or(WIDTH, |(width, _)| width.0.into()),
        verbose: terminal.verbose,
        standpoint: standpoint(sources),
    }
}

/// What is asked for by an argument outweighs what the environment asks for.
fn colored(color: Color, is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && no_color.is_none_or(OsStr::is_empty) && term != Some(OsStr::new("dumb")),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::io;

    use super::colored;
    use super::write;
    use crate::cli::settings::Color;

    #[test]
    fn colours_go_to_terminals_that_want_them() {
        let auto = |is_terminal, no_color: Option<&str>, term: Option<&str>| {
            colored(Color::Auto, is_terminal, no_color.map(OsStr::new), term.map(OsStr::new))
        };
        assert!(auto(true, None, None) && auto(true, Some(""), Some("xterm")));
        assert!(!auto(false, None, None) && !auto(true, Some("1"), None) && !auto(true, None, Some("dumb")));
        assert!(colored(Color::Always, false, Some(OsStr::new("1")), None));
        assert!(!colored(Color::Never, true, None, None));
    }

    struct Broken(io::ErrorKind);

    impl io::Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure_and_a_full_disk_is() {
        assert!(write(&mut Broken(io::ErrorKind::BrokenPipe), "text").is_ok());
        let failure = write(&mut Broken(io::ErrorKind::StorageFull), "text").unwrap_err();
        assert!(failure.0.starts_with("the answer could not be written"));
    }
}
