//! Asking: what a program that asks is told, and by what.

use std::ops::Range;

use crate::facts::runs::Value;
use crate::facts::runs::base_name;
use crate::facts::waits::address::addresses;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::draft::Effect;
use crate::facts::waits::limits::Limit;
use crate::facts::waits::limits::limit;
use crate::facts::waits::limits::timeout;
use crate::facts::waits::machine::Flow;
use crate::facts::waits::machine::Machine;
use crate::facts::waits::machine::Made;
use crate::facts::waits::machine::Status;
use crate::facts::waits::machine::World;
use crate::facts::waits::probe::Known;
use crate::facts::waits::probe::Proof;
use crate::facts::waits::probe::Seen;
use crate::facts::waits::quirks::Manner;
use crate::facts::waits::quirks::manner;
use crate::facts::waits::table;
use crate::facts::waits::table::Row;
use crate::facts::waits::table::Words;
use crate::shell::Word;

/// Why `/dev/tcp` says nothing in a shell that is not bash.
const NO_NETWORK_FILES: &str = "only bash knows `/dev/tcp`; for this shell it is a file that does not exist";

impl<'a> Machine<'_, 'a> {
    /// Asks as a program of the table does; none if it is not in there.
    pub(super) fn probe(&mut self, name: &str, words: &[Value], range: &Range<usize>) -> Option<Flow> {
        let (row, arguments) = table::find(name, &words[1..])?;
        let mut manner = manner(self, &row.quirk, row.proves, &arguments);
        // Whoever reads a field of an object waits for what it says: the object itself is there.
        let reads_field = self.output.is_some() && self.asking == 0 && arguments.has(&["-o", "--output"]);
        if row.quirk == "kubectl-get" && reads_field {
            manner.down = Some(0);
        }
        if !manner.asks {
            return None;
        }
        let mut questions = self.questions(row, &arguments);
        if questions.is_empty() {
            questions.push((None, None));
        }
        let method = row.method(name);
        let mut seen = Vec::new();
        for (host, port) in questions {
            let text = |value: &Option<Value>| {
                value.as_ref().map_or(String::new(), |value| value.shown(|symbol| format!("{symbol:?}")))
            };
            let named = format!("{method} {} {}", text(&host), text(&port));
            seen.push(Seen {
                host,
                port,
                object: Self::object(row, &arguments),
                namespace: arguments.value(&["-n".to_owned(), "--namespace".to_owned()]).cloned(),
                is_other: arguments.has(&["--kubeconfig", "--token", "--server", "-s", "--context"]),
                proves: manner.proves,
                trap: manner.trap,
                accepts: manner.accepts,
                ..self.question(method.clone(), range, named)
            });
        }
        let up = seen.iter().all(|seen| self.world.has(&seen.key));
        let waits = !row.limit.is_empty() || retries(name, &arguments, &seen);
        if waits && self.asking == 0 && matches!(self.world, World::Up) && self.drafts_loops {
            for seen in &mut seen {
                seen.taken = true;
            }
            self.note_program(name, row, &arguments, seen.clone());
        }
        self.seen.extend(seen);
        self.downloaded(name, &arguments, up, range);
        Some(self.answer(row, &arguments, manner, up, range, name))
    }

    /// Keeps in mind which file has the answer: it says what is asked for if somebody is there, and nothing otherwise.
    fn downloaded(&mut self, name: &str, words: &Words, up: bool, range: &Range<usize>) {
        let option = match base_name(name) {
            "curl" => ["-o", "--output"],
            "wget" => ["-O", "--output-document"],
            _ => return,
        };
        let path = words.value(&option.map(str::to_owned)).and_then(Value::literal);
        if let Some(path) = path.filter(|path| path.starts_with('/') && !path.starts_with("/dev/")) {
            let told = self.made(Made::Told { up, program: "" }, range.start);
            // A path is no name of a variable.
            self.state.variables.insert(path, vec![told]);
        }
    }

    fn question(&self, method: String, range: &Range<usize>, named: String) -> Seen<'a> {
        let range = self.place.range(range);
        let key = (self.place.number, range.start, named);
        Seen { asked: self.asking > 0, ..Seen::new(&self.place, range, key, method) }
    }

    /// The status and output of a program that asked.
    fn answer(&mut self, row: &Row, words: &Words, manner: Manner, up: bool, range: &Range<usize>, name: &str) -> Flow {
        let code = if up { manner.up } else { manner.down };
        // Outside of loops an answer leads to both ways a script may go.
        let is_open = self.loops == 0 && up && self.tested > 0 && matches!(self.world, World::Up);
        self.state.status = code.filter(|_| !is_open).map_or(Status::UNKNOWN, Status::Is);
        let program = if base_name(name) == "curl" && words.has(&["-w", "--write-out"]) { "curl" } else { "" };
        let program = if base_name(name) == "nslookup" { "nslookup" } else { program };
        if up || manner.complains || self.errors_join {
            let told = self.made(Made::Told { up, program }, range.start);
            self.write(told);
        }
        if up || manner.down == Some(0) {
            return Flow::Next;
        }
        let seconds =
            if row.limit.is_empty() { timeout(row, words) } else { limit(name, row, words).and_then(Limit::seconds) };
        match seconds {
            Some(seconds) if self.pass(seconds) => Flow::TimedOut,
            Some(_) => Flow::Next,
            None => {
                self.notes.unlimited |= self.deadline.is_none();
                Flow::Next
            }
        }
    }

    /// Keeps the wait of a program that asks again by itself.
    fn note_program(&mut self, name: &str, row: &Row, words: &Words, seen: Vec<Seen<'a>>) {
        let limit = limit(name, row, words);
        let rest = self.deadline.map(|deadline| deadline.saturating_sub(self.clock));
        let seconds = match (limit.and_then(Limit::seconds), rest) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let bounded = if limit.is_none() && row.limit.is_empty() {
            Some(true)
        } else {
            Some(seconds.is_some() || limit.is_none())
        };
        self.note(Draft {
            seen,
            bounded,
            seconds,
            effect: Effect::Yes,
            fault: None,
            reason: None,
            rests_on_output: false,
            range: None,
            fails: None,
            is_busy: false,
            unlimited: false,
            shared: 0,
        });
    }

    /// Whom a program asks.
    fn questions(&mut self, row: &Row, words: &Words) -> Vec<(Option<Value>, Option<Value>)> {
        let mut found: Vec<(Option<Value>, Option<Value>)> = Vec::new();
        let mut add = |value: &Value| {
            found.extend(addresses(value).into_iter().map(|address| (Some(address.host), address.port)));
        };
        words.values(&row.address).for_each(&mut add);
        // The name of a database may be all that it takes to reach it.
        words.values(&row.dsn).filter(|value| is_dsn(value)).for_each(&mut add);
        let variables = row.address.iter().filter_map(|word| word.strip_prefix('$'));
        for name in variables {
            if let Some(value) = self.variable(name).and_then(|values| values.into_iter().next())
                && !words.values(&row.address).any(|_| true)
            {
                found.extend(addresses(&value).into_iter().map(|address| (Some(address.host), address.port)));
            }
        }
        let mut host = self.of_options(&row.host, words);
        let mut port = self.of_options(&row.port, words);
        let mut operands = words.operands.iter();
        for kind in &row.operands {
            let operand = operands.next();
            match (kind.as_str(), operand) {
                ("name", Some(value)) if is_aside(value) => {
                    let name = operands.by_ref().find(|value| !is_aside(value)).cloned();
                    host = name.or(host);
                }
                ("host" | "name", Some(value)) => host = Some(value.clone()).or(host),
                ("port", Some(value)) => port = Some(value.clone()),
                ("address", Some(value)) => {
                    let all = [value].into_iter().chain(operands.by_ref());
                    let all: Vec<&Value> = if row.operands.len() > 1 || row.quirk == "curl" || row.quirk == "wget" {
                        all.collect()
                    } else {
                        vec![value]
                    };
                    for value in all {
                        found.extend(addresses(value).into_iter().map(|address| (Some(address.host), address.port)));
                    }
                }
                ("dsn", Some(value)) if is_dsn(value) => {
                    found.extend(addresses(value).into_iter().map(|address| (Some(address.host), address.port)));
                }
                ("getent", Some(_)) => host = operands.next().cloned(),
                _ => {}
            }
        }
        if let Some(host) = host.filter(|host| !host.is_empty()) {
            // `nc db:5432` and the like.
            let (own, given) = match addresses(&host).into_iter().next() {
                Some(address) if port.is_none() || row.port.len() > 1 => (address.host, address.port),
                _ => (host, None),
            };
            found.insert(0, (Some(own), given.or(port)));
        } else {
            let default = port;
            for (_, port) in &mut found {
                if port.is_none() {
                    port.clone_from(&default);
                }
            }
        }
        found.truncate(20);
        found
    }

    /// The value of one of these options, of a variable, or the default.
    fn of_options(&mut self, names: &[String], words: &Words) -> Option<Value> {
        if let Some(value) = words.value(names) {
            return Some(value.clone());
        }
        names.iter().find_map(|name| match name.strip_prefix('$') {
            Some(variable) => self.variable(variable).and_then(|values| values.into_iter().next()),
            None => (!name.starts_with('-')).then(|| Value::text(name.clone(), None)),
        })
    }

    /// What `kubectl` is asked for.
    fn object(row: &Row, words: &Words) -> Option<(String, Option<Value>)> {
        let at = row.operands.iter().position(|kind| kind == "object")?;
        let first = words.operands.get(at)?.literal()?;
        let named = first.split_once('/').map(|(kind, name)| (kind.to_owned(), Some(Value::text(name, None))));
        Some(named.unwrap_or_else(|| (first, words.operands.get(at + 1).cloned())))
    }

    /// `/dev/tcp/host/port`, which is a file to none but bash.
    pub(super) fn network_file(&mut self, target: &Word, range: &Range<usize>) -> Option<Flow> {
        let value = self.value(target);
        let crate::facts::runs::Piece::Text(start, _) = value.pieces().first()? else { return None };
        let protocol = start.strip_prefix("/dev/")?.split('/').next()?.to_owned();
        if protocol != "tcp" && protocol != "udp" {
            return None;
        }
        let rest = table::without(&value, "/dev/tcp/".len());
        let mut address = Value::default();
        for piece in rest.pieces() {
            match piece {
                crate::facts::runs::Piece::Text(text, span) => address.push_text(text.replace('/', ":"), *span),
                crate::facts::runs::Piece::Symbol(symbol) => address.push_symbol(symbol.clone()),
            }
        }
        let address = addresses(&address).into_iter().next();
        let named = format!("{protocol} {}", value.shown(|symbol| format!("{symbol:?}")));
        let mut seen = self.question(format!("/dev/{protocol}"), range, named);
        seen.host = address.as_ref().map(|address| address.host.clone());
        seen.port = address.and_then(|address| address.port);
        seen.proves = if protocol == "tcp" { Proof::Port } else { Proof::Nothing };
        let mut up = self.world.has(&seen.key);
        if !self.is_bash() {
            seen.trap = Some(NO_NETWORK_FILES);
            up = false;
        } else if protocol == "udp" {
            seen.accepts = Some("udp");
            up = true;
        }
        self.seen.push(seen);
        self.state.status = Status::of(up);
        if !up {
            self.notes.unlimited |= self.deadline.is_none();
        }
        Some(Flow::Next)
    }

    /// A program that nobody knows.
    pub(super) fn unknown_program(&mut self, name: &str, words: &[Value], range: &Range<usize>) -> Flow {
        // Entrypoints of images run what they are given.
        if base_name(name).contains("entrypoint") && words.len() > 1 && self.loops == 0 {
            return self.run_words(&words[1..], None, range);
        }
        let output = self.made(Made::Unknown, range.start);
        self.write(output);
        if self.loops == 0 || self.tested == 0 {
            self.state.status = if self.tested > 0 { Status::UNKNOWN } else { Status::SUCCESS };
            return Flow::Next;
        }
        let method = if name.is_empty() { "?".to_owned() } else { base_name(name).to_owned() };
        let named = words.iter().take(4).map(|word| word.shown(|_| "?".to_owned())).collect::<Vec<_>>().join(" ");
        let seen = Seen { known: Known::No, ..self.question(method, range, named) };
        let up = self.world.has(&seen.key);
        self.seen.push(seen);
        self.state.status = Status::of(up);
        Flow::Next
    }
}

/// Whether options make a program ask again until somebody is there.
fn retries(name: &str, words: &Words, seen: &[Seen<'_>]) -> bool {
    let is_near = seen.iter().any(|seen| {
        let host = seen.host.as_ref().map(|host| host.shown(|_| "x".to_owned())).unwrap_or_default();
        !host.contains('.') || host.split('.').any(|part| part == "svc")
    });
    match base_name(name) {
        "curl" => is_near && words.has(&["--retry"]) && words.has(&["--retry-connrefused", "--retry-all-errors"]),
        "wget" => is_near && words.has(&["--retry-connrefused"]),
        _ => false,
    }
}

/// Whether a word of `dig` is no name: an option, a server, or a type.
fn is_aside(value: &Value) -> bool {
    let text = value.shown(|_| String::new());
    text.starts_with(['+', '@']) || matches!(text.as_str(), "A" | "AAAA" | "SRV" | "CNAME" | "TXT" | "ANY" | "a")
}

/// Whether the name of a database is a URL, or `host=…`.
fn is_dsn(value: &Value) -> bool {
    let text = value.shown(|_| "x".to_owned());
    text.contains("://") || text.contains("host=")
}
