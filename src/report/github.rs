//! Workflow commands of GitHub Actions: one annotation for each thing that is told. GitHub shows ten errors and ten
//! warnings of a step, so the worst come first, and the last line counts all.

use std::fmt::Write;

use crate::diagnostic::Severity;
use crate::report::Report;
use crate::report::clean;
use crate::report::entry::Entry;
use crate::report::entry::entries;
use crate::report::human::counts;

/// The report as workflow commands.
pub fn github(report: &Report) -> String {
    let mut text: String = entries(report).iter().map(command).collect();
    let _ = writeln!(text, "{}", counts(report));
    text
}

fn command(entry: &Entry<'_>) -> String {
    let name = match entry.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = &entry.location;
    let mut properties = format!("file={}", property(&place.file));
    if !entry.is_about_whole_file() {
        let _ = write!(properties, ",line={},endLine={}", place.line, place.end_line);
        // Columns are heeded only within one line.
        if place.line == place.end_line {
            let _ = write!(properties, ",col={},endColumn={}", place.column, place.end_column);
        }
    }
    let mut message = clean(entry.message);
    let lines = entry.shown_in().map(|place| format!("in {}", clean(&place)));
    let help = entry.help.map(|help| format!("help: {}", clean(help)));
    for line in lines.into_iter().chain(help) {
        message.push('\n');
        message.push_str(&line);
    }
    format!("::{name} {properties},title={}::{}\n", property(entry.rule), data(&message))
}

/// A text behind the `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text among the properties of a command.
fn property(text: &str) -> String {
    data(&clean(text)).replace(':', "%3A").replace(',', "%2C")
}
