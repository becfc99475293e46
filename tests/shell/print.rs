//! Trees of scripts on one line: `(cmd …)`, `(| …)`, `(&& …)`, and words as `a'b'$c`, quoted parts in quotes.

use plimsoll::shell::Assignment;
use plimsoll::shell::Command;
use plimsoll::shell::CommandKind;
use plimsoll::shell::Direction;
use plimsoll::shell::Item;
use plimsoll::shell::Join;
use plimsoll::shell::List;
use plimsoll::shell::Part;
use plimsoll::shell::PartKind;
use plimsoll::shell::Pipeline;
use plimsoll::shell::Redirect;
use plimsoll::shell::Word;

/// All items, with `;` and `&` between them.
pub(crate) fn list(list: &List) -> String {
    let items: Vec<String> = list.items.iter().map(item).collect();
    items.join(" ")
}

fn item(item: &Item) -> String {
    let mut text = pipeline(&item.first);
    for (join, right) in &item.rest {
        let join = if *join == Join::And { "&&" } else { "||" };
        text = format!("({join} {text} {})", pipeline(right));
    }
    if item.background { format!("(& {text})") } else { text }
}

fn pipeline(pipeline: &Pipeline) -> String {
    let commands: Vec<String> = pipeline.commands.iter().map(command).collect();
    let text = if commands.len() == 1 { commands.concat() } else { format!("(| {})", commands.join(" ")) };
    if pipeline.negated { format!("(! {text})") } else { text }
}

fn command(command: &Command) -> String {
    let kind = match &command.kind {
        CommandKind::Simple { assignments, words } => {
            let all = assignments.iter().map(assignment).chain(words.iter().map(word));
            let all: Vec<String> = all.chain(command.redirects.iter().map(redirect)).collect();
            return format!("({})", all.join(" "));
        }
        CommandKind::Group(body) => format!("{{{}}}", list(body)),
        CommandKind::Subshell(body) => format!("(sub {})", list(body)),
        CommandKind::If { branches, otherwise } => {
            let branches = branches.iter().map(|(condition, body)| format!(" [{}] {}", list(condition), list(body)));
            let otherwise = otherwise.as_ref().map(|body| format!(" else {}", list(body)));
            format!("(if{}{})", branches.collect::<String>(), otherwise.unwrap_or_default())
        }
        CommandKind::Loop { until, condition, body } => {
            format!("({} [{}] {})", if *until { "until" } else { "while" }, list(condition), list(body))
        }
        CommandKind::For { variable, items, body } => match items {
            Some(items) => format!("(for {variable} [{}] {})", words(items), list(body)),
            None => format!("(for {variable} {})", list(body)),
        },
        CommandKind::Count { header, body } => format!("(for (({header})) {})", list(body)),
        CommandKind::Case { subject, arms } => {
            let arms = arms.iter().map(|arm| {
                let end = if arm.falls_through { ";&" } else { "" };
                format!(" [{}] {}{end}", words(&arm.patterns), list(&arm.body))
            });
            format!("(case {}{})", word(subject), arms.collect::<String>())
        }
        CommandKind::Function { name, body } => format!("(function {name} {})", self::command(body)),
        CommandKind::Test(all) => format!("[[{}]]", words(all)),
        CommandKind::Arithmetic(text) => format!("(({text}))"),
        CommandKind::Unread => "UNREAD".to_owned(),
    };
    command.redirects.iter().fold(kind, |text, own| format!("{text} {}", redirect(own)))
}

fn assignment(assignment: &Assignment) -> String {
    format!("{}{}{}", assignment.name, if assignment.appends { "+=" } else { "=" }, word(&assignment.value))
}

fn redirect(redirect: &Redirect) -> String {
    let operator = match redirect.direction {
        Direction::Read => "<",
        Direction::Write => ">",
        Direction::Replace => ">|",
        Direction::Append => ">>",
        Direction::ReadWrite => "<>",
        Direction::Duplicate => ">&",
        Direction::WriteBoth => "&>",
        Direction::AppendBoth => "&>>",
        Direction::Document => "<<",
        Direction::Text => "<<<",
    };
    let descriptor = redirect.descriptor.map(|number| number.to_string()).unwrap_or_default();
    format!("{descriptor}{operator}{}", word(&redirect.target))
}

fn words(words: &[Word]) -> String {
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// A word; quoted parts are between double quotes, and an empty word is such a pair.
pub(crate) fn word(word: &Word) -> String {
    if word.parts.is_empty() { "\"\"".to_owned() } else { word.parts.iter().map(part).collect() }
}

fn part(part: &Part) -> String {
    let text = match &part.kind {
        PartKind::Text(text) => text.replace('\n', "\\n"),
        PartKind::Pattern(text) => format!("<{text}>"),
        PartKind::Home(name) => format!("<~{name}>"),
        PartKind::Variable { name, operator, operand } => match operand {
            None if operator.is_empty() => format!("${name}"),
            None => format!("${{{name} {operator}}}"),
            Some(operand) => format!("${{{name} {operator} {}}}", word(operand)),
        },
        PartKind::Substitution(body) => format!("$({})", list(body)),
        PartKind::Arithmetic(text) => format!("$(({text}))"),
        PartKind::Process(body) => format!("<({})", list(body)),
        PartKind::Braces(text) => format!("{{{text}}}"),
        PartKind::Array(all) => format!("[{}]", words(all)),
    };
    if part.quoted { format!("\"{text}\"") } else { text }
}
