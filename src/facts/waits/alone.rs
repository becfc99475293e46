//! Whether a container does nothing but wait, so that it may wait in another way and nobody misses anything.
//!
//! Only what is known to leave nothing behind counts: a program that is not in the list may do anything.

use crate::facts::runs::Run;
use crate::facts::runs::What;
use crate::facts::runs::base_name;
use crate::shell::Command;
use crate::shell::CommandKind;
use crate::shell::Direction;
use crate::shell::List;
use crate::shell::PartKind;
use crate::shell::Pipeline;
use crate::shell::Redirect;
use crate::shell::Word;

/// What computes, prints, or lets time pass.
const HARMLESS: &[&str] = &[
    ":", "[", "awk", "break", "cat", "continue", "cut", "date", "echo", "egrep", "exit", "expr", "false", "fgrep",
    "grep", "head", "let", "local", "printf", "return", "seq", "set", "shift", "sleep", "tail", "test", "tr", "true",
    "wc",
];

/// What only asks, whatever its words are.
const ASKING: &[&str] =
    &["dig", "drill", "getent", "host", "nslookup", "pg_isready", "ping", "ping6", "wait-for-it", "wait-for-it.sh"];

/// What sends something, or asks for another thing than whether somebody is there.
const SENDING: &[&str] = &[
    "-X",
    "--request",
    "-d",
    "--data",
    "--json",
    "-F",
    "--form",
    "-T",
    "--upload-file",
    "--post",
    "--method",
    "--body",
    "--url-query",
];

/// The first release of BusyBox whose `nc` knows `-z`.
const NC_KNOWS_Z: (u32, u32) = (1, 28);

/// Whether a container does nothing but wait.
pub(super) fn does_nothing_else(run: &Run<'_>) -> bool {
    let mut walk = Walk::default();
    match &run.what {
        What::Script(script) => script.tree.problems.is_empty() && walk.is_list(&script.tree.body),
        What::Program(_) => {
            let words = run.argv.iter().flatten().map(|word| word.literal().map(str::to_owned));
            walk.is_call(&words.collect::<Vec<_>>())
        }
        What::Unknown => false,
    }
}

/// Whether its image surely has a shell, and an `nc` that knows `-z`.
pub(super) fn has_netcat(run: &Run<'_>) -> bool {
    run.image.busybox.is_some_and(|release| release >= NC_KNOWS_Z)
}

/// Going through a script. What it asks is whether something does no harm.
#[derive(Clone, Default)]
struct Walk {
    /// The functions that are known by now, all of them harmless.
    functions: Vec<String>,
    /// How many loops this is within. What is asked outside of any is asked for its answer.
    loops: u32,
}

impl Walk {
    fn is_list(&mut self, list: &List) -> bool {
        list.items.iter().all(|item| {
            !item.background
                && self.is_pipeline(&item.first)
                && item.rest.iter().all(|(_, pipeline)| self.is_pipeline(pipeline))
        })
    }

    fn is_pipeline(&mut self, pipeline: &Pipeline) -> bool {
        // Who sends `nc` something speaks a protocol by it.
        let speaks = |command: &Command| match &command.kind {
            CommandKind::Simple { words, .. } => {
                words.iter().any(|word| ["nc", "netcat", "ncat"].iter().any(|name| word.is(name)))
            }
            _ => false,
        };
        let is_talk = pipeline.commands.iter().skip(1).any(speaks);
        !is_talk && pipeline.commands.iter().all(|command| self.is_command(command))
    }

    fn is_command(&mut self, command: &Command) -> bool {
        let is_kind = match &command.kind {
            CommandKind::Simple { assignments, words } => {
                assignments.iter().all(|assignment| self.is_word(&assignment.value))
                    && words.iter().all(|word| self.is_word(word))
                    && (words.is_empty() || self.is_call(&words.iter().map(Word::literal).collect::<Vec<_>>()))
            }
            CommandKind::Group(list) | CommandKind::Subshell(list) => self.is_list(list),
            CommandKind::If { branches, otherwise } => {
                branches.iter().all(|(condition, body)| self.is_list(condition) && self.is_list(body))
                    && otherwise.as_ref().is_none_or(|list| self.is_list(list))
            }
            CommandKind::Loop { condition, body, .. } => self.is_loop(&[condition, body]),
            CommandKind::For { items, body, .. } => {
                items.iter().flatten().all(|word| self.is_word(word)) && self.is_loop(&[body])
            }
            CommandKind::Count { body, .. } => self.is_loop(&[body]),
            CommandKind::Case { subject, arms } => {
                self.is_word(subject) && arms.iter().all(|arm| self.is_list(&arm.body))
            }
            // Who calls it is within a loop, or it is of no use.
            CommandKind::Function { name, body } => {
                self.loops += 1;
                let is_harmless = self.is_command(body);
                self.loops -= 1;
                self.functions.push(name.clone());
                is_harmless
            }
            CommandKind::Test(words) => words.iter().all(|word| self.is_word(word)),
            CommandKind::Arithmetic(_) => true,
            CommandKind::Unread => false,
        };
        is_kind && command.redirects.iter().all(is_redirect)
    }

    fn is_loop(&mut self, parts: &[&List]) -> bool {
        self.loops += 1;
        let is_harmless = parts.iter().all(|part| self.is_list(part));
        self.loops -= 1;
        is_harmless
    }

    /// A call of a program or function. What is not literal is no word.
    fn is_call(&self, words: &[Option<String>]) -> bool {
        let Some((Some(first), rest)) = words.split_first() else { return false };
        let has = |wanted: &[&str]| rest.iter().flatten().any(|word| wanted.contains(&word.as_str()));
        match base_name(first) {
            "timeout" => {
                let is_limit = |word: &String| word.starts_with(|first: char| first == '-' || first.is_ascii_digit());
                let program = rest.iter().position(|word| word.as_ref().is_some_and(|word| !is_limit(word)));
                program.is_some_and(|program| self.is_call(&rest[program..]))
            }
            "nc" | "netcat" | "ncat" => !has(&["-l", "-e", "-c"]),
            "redis-cli" | "valkey-cli" | "mysqladmin" | "mariadb-admin" => has(&["ping", "PING"]),
            "curl" | "wget" => self.loops > 0 && !sends(first, rest) && !keeps(first, rest),
            name => HARMLESS.contains(&name) || ASKING.contains(&name) || self.functions.contains(first),
        }
    }

    /// A word that is expanded.
    fn is_word(&self, word: &Word) -> bool {
        word.parts.iter().all(|part| match &part.kind {
            PartKind::Substitution(list) | PartKind::Process(list) => self.clone().is_list(list),
            PartKind::Array(words) => words.iter().all(|word| self.is_word(word)),
            PartKind::Variable { operand, .. } => operand.as_ref().is_none_or(|word| self.is_word(word)),
            PartKind::Arithmetic(text) => !text.replace("$(date +%s)", "").contains("$(") && !text.contains('`'),
            PartKind::Braces(_) | PartKind::Text(_) | PartKind::Pattern(_) | PartKind::Home(_) => true,
        })
    }
}

/// Whether `curl` or `wget` sends more than a question.
fn sends(program: &str, words: &[Option<String>]) -> bool {
    let is_it = |word: &String| {
        let is_short = word.starts_with('-') && !word.starts_with("--");
        let is_curl = base_name(program) == "curl";
        if is_curl && is_short && word.contains(['X', 'd', 'F', 'T']) {
            return true;
        }
        // A limit of time for `wget`.
        let is_limit = !is_curl && word == "-T";
        !is_limit && SENDING.iter().any(|own| word == own || (own.starts_with("--") && word.starts_with(own)))
    };
    words.iter().flatten().any(is_it)
}

/// Whether `curl` or `wget` keeps what it gets in a file.
fn keeps(program: &str, words: &[Option<String>]) -> bool {
    let is_nothing = |word: Option<&Option<String>>| {
        matches!(word.and_then(Option::as_deref), Some("/dev/null" | "-" | "/dev/stdout"))
    };
    let option = if base_name(program) == "wget" { 'O' } else { 'o' };
    let mut discards = base_name(program) == "curl";
    for (index, word) in words.iter().enumerate() {
        let Some(word) = word else { continue };
        let is_short = word.starts_with('-') && !word.starts_with("--");
        match word.split_once(option) {
            _ if word == "--spider" => discards = true,
            Some((_, "")) if is_short && is_nothing(words.get(index + 1)) => discards = true,
            Some((_, "-" | "/dev/null")) if is_short => discards = true,
            Some(_) if is_short => return true,
            _ if word.starts_with("--output") && !word.ends_with("=/dev/null") && !is_nothing(words.get(index + 1)) => {
                return true;
            }
            _ if is_short && option == 'o' && word.contains('O') => return true,
            _ => {}
        }
    }
    !discards
}

fn is_redirect(redirect: &Redirect) -> bool {
    let is_nowhere = ["/dev/null", "/dev/stdout", "/dev/stderr"].iter().any(|path| redirect.target.is(path));
    match redirect.direction {
        Direction::Read | Direction::Document | Direction::Text | Direction::Duplicate => true,
        Direction::Write
        | Direction::Replace
        | Direction::Append
        | Direction::ReadWrite
        | Direction::WriteBoth
        | Direction::AppendBoth => is_nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::Walk;
    use crate::shell::Dialect;
    use crate::shell::read;

    #[test]
    fn what_only_waits_leaves_nothing_behind() {
        let cases = [
            ("until nc -z db 5432; do echo waiting; sleep 2; done; echo done", true),
            ("until dig +short A db.${NS}.svc; do sleep 2; done", true),
            (
                "end=$(($(date +%s) + 9)); until [ -n \"$(dig +short db)\" ]; do [ $(date +%s) -ge $end ] && exit 1; done",
                true,
            ),
            ("f() { nslookup db > /dev/null 2>&1; }; while ! f; do sleep 1; done", true),
            ("until wget -qO- http://web >/dev/null; do sleep 1; done", true),
            ("until timeout 3 curl -s -o /dev/null http://web; do sleep 1; done", true),
            ("until curl -sX POST http://web; do sleep 1; done", false),
            ("until nc -z db 5432; do sleep 2; done; psql -c 'create database x'", false),
            ("until nc -z db 5432; do sleep 2; done; touch /work/ready", false),
            ("until nc -z db 5432; do sleep 2; done; echo ready > /work/ready", false),
            ("until nc -z db 5432; do sleep 2; done; curl http://web/hook", false),
            ("until wget http://web/seed; do sleep 1; done", false),
            ("until wget -O /work/seed http://web/seed; do sleep 1; done", false),
            ("until curl -sLo /work/seed http://web/seed; do sleep 1; done", false),
            ("until curl -X POST http://web; do sleep 1; done", false),
            ("until echo ruok | nc zk 2181 | grep imok; do sleep 1; done", false),
            ("until nc -z db 5432; do sleep 2; done; exec /app/migrate", false),
            ("f() { ./seed.sh; }; until nc -z db 5432; do f; done", false),
            ("x=$(./token.sh); until nc -z db 5432; do sleep 1; done", false),
        ];
        for (script, expected) in cases {
            assert_eq!(Walk::default().is_list(&read(script, Dialect::Ash).body), expected, "{script}");
        }
    }
}
