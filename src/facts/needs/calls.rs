//! Which Services the containers of a pod call, by the hosts that their texts name.
//!
//! A name counts only if it is written as an address, and a Service of that name is known; without one it counts
//! if nothing else can be meant: a name below `svc`, or a single label in a URL or in front of a port, in an address that
//! the container is given. The pod's own Services are no dependency: members of a cluster know each other by them.

use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;

use crate::facts::book::Book;
use crate::facts::needs::hints::Hints;
use crate::facts::needs::hosts;
use crate::facts::needs::hosts::Form;
use crate::facts::needs::hosts::Host;
use crate::facts::needs::hosts::Syntax;
use crate::facts::needs::keys;
use crate::facts::needs::meanings::Asker;
use crate::facts::needs::meanings::Meaning;
use crate::facts::needs::meanings::Namespace;
use crate::facts::needs::meanings::States;
use crate::facts::needs::texts;
use crate::facts::needs::texts::Text;
use crate::facts::runs;
use crate::facts::runs::Run;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_beside;
use crate::model::Pod;
use crate::model::Service;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;
use crate::yaml::NodeId;

/// How many Services of one pod are listed, and how many hosts are looked at for all pods of a target: the same
/// long file may be mounted into each of them.
const MAX_CALLS: usize = 200;
const MAX_HOSTS: usize = 200_000;

/// How sure it is that the container calls the Service, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Confidence {
    Certain,
    Likely,
    Possible,
}

/// A Service that a container calls.
struct Call<'a, 't> {
    text: &'t Text<'a>,
    host: Host,
    meaning: Meaning,
    /// The port, and where it is written.
    port: Option<(String, Option<Span>)>,
    confidence: Confidence,
    /// Whether it is called by nobody but those who wait for it.
    only_waits: bool,
}

impl Call<'_, '_> {
    /// Where the host is written.
    fn place(&self) -> Option<Span> {
        let written = &self.text.written;
        written.origin(self.host.name.clone()).or_else(|| written.node().map(Node::span))
    }
}

/// What was found out about one target, so that it is found out once.
#[derive(Default)]
pub(super) struct Known {
    /// The hosts of files, which many pods may have mounted.
    files: HashMap<(usize, NodeId), Rc<[Host]>>,
    states: States,
    /// How many pods take all keys of an object.
    takers: Option<HashMap<String, usize>>,
    /// How many hosts were looked at.
    looked_at: usize,
    hints: Hints,
}

pub(super) fn infer<'a>(
    around: &Surroundings<'a>,
    resource: &'a Resource,
    (pod, runs): (Pod<'a>, &[Run<'a>]),
    known: &mut Known,
    book: &mut Book,
    facts: NodeId,
) {
    let texts = texts::of_pod(runs);
    // The host that a certificate is made for is whom others call.
    if texts.iter().any(|text| text.written.as_str().starts_with("--secret-name")) {
        return;
    }
    let mut caller = Caller { asker: Asker { around, resource, pod }, known };
    let mut calls: Vec<Call<'_, '_>> = Vec::new();
    let mut places: HashMap<(String, Namespace, Option<String>), usize> = HashMap::new();
    let waits: Vec<Span> = book.node(facts).get("waits").into_iter().flat_map(Node::items).map(Node::span).collect();
    for text in &texts {
        for mut call in caller.calls(text) {
            let place = call.place();
            call.only_waits = place.is_some_and(|place| waits.iter().any(|wait| wait.contains(place)));
            // A Service that is missing has no ports to tell calls apart by.
            let port = call.port.as_ref().filter(|_| call.meaning.state != Some("missing"));
            let port = port.map(|(port, _)| port.clone());
            let key = (call.meaning.service.clone(), call.meaning.namespace.clone(), port);
            match places.get(&key) {
                Some(&index) => {
                    let only_waits = calls[index].only_waits && call.only_waits;
                    if call.confidence < calls[index].confidence {
                        calls[index] = call;
                    }
                    calls[index].only_waits = only_waits;
                }
                None if calls.len() < MAX_CALLS => {
                    places.insert(key, calls.len());
                    calls.push(call);
                }
                None => {}
            }
        }
    }
    // Whom else it calls is not known.
    let is_cut_short = caller.known.looked_at >= MAX_HOSTS;
    for call in &calls {
        caller.note(call, book, facts);
    }
    if is_cut_short {
        let item = book.item(facts, "dependencies", pod.spec);
        book.text(item, "kind", "Service");
        book.verdict(item, "confidence", None);
        book.verdict(item, "resolved", None);
    }
}

struct Caller<'a, 'b> {
    asker: Asker<'a, 'b>,
    known: &'b mut Known,
}

impl<'a> Caller<'a, '_> {
    fn calls<'t>(&mut self, text: &'t Text<'a>) -> Vec<Call<'a, 't>> {
        let hosts = self.hosts(text);
        let mut calls = Vec::new();
        for host in hosts.iter() {
            if self.known.looked_at >= MAX_HOSTS {
                break;
            }
            self.known.looked_at += 1;
            if hosts::leads_there(text.written.as_str(), host, &text.name) {
                calls.extend(self.call(text, host));
            }
        }
        calls
    }

    fn hosts(&mut self, text: &Text<'a>) -> Rc<[Host]> {
        let content = text.written.as_str();
        let read = || hosts::in_text(content, text.syntax);
        let key = text.written.node().filter(|_| text.syntax == Syntax::File);
        if let Some(node) = key {
            let key = (std::ptr::from_ref(node.tree()) as usize, node.id());
            return Rc::clone(self.known.files.entry(key).or_insert_with(|| Rc::from(read())));
        }
        let mut hosts = read();
        if text.is_asked {
            let lone = hosts.iter_mut().filter(|host| host.form == Form::Name && host.name.len() == content.len());
            lone.for_each(|host| host.form = Form::Command);
        }
        Rc::from(hosts)
    }

    fn call<'t>(&mut self, text: &'t Text<'a>, host: &Host) -> Option<Call<'a, 't>> {
        let content = text.written.as_str();
        let named = host.key.clone().map_or(&*text.name, |key| &content[key]);
        if host.form == Form::Name && !is_name_of_host(text, host, named) {
            return None;
        }
        let meaning = self.asker.meaning(text, host, named, &mut self.known.states)?;
        if self.asker.is_own(&meaning) {
            return None;
        }
        let port = match &host.port {
            Some(range) => Some((content[range.clone()].to_owned(), text.written.origin(range.clone()))),
            None => port_beside(text, host),
        };
        let number = port.as_ref().map(|(port, _)| port.as_str());
        if meaning.state == Some("target") && self.is_chance(text, host, &meaning, named, number) {
            return None;
        }
        let confidence = self.confidence(text, host);
        Some(Call { text, host: host.clone(), meaning, port, confidence, only_waits: false })
    }

    /// Whether a Service has the name by chance: `redis:7` may be an image, and `mysql` a driver.
    fn is_chance(&self, text: &Text<'a>, host: &Host, meaning: &Meaning, named: &str, port: Option<&str>) -> bool {
        if host.form != Form::HostPort || keys::is_address(named) {
            return false;
        }
        let Some(service) = self.asker.service(meaning) else { return false };
        let known = port.is_none_or(|port| service.port(port).is_some());
        // No version is that high.
        let is_given = matches!(text.place, "args" | "command") && port.is_some_and(|port| port.len() >= 4);
        !known && !is_given && !service.is_headless()
    }

    fn confidence(&mut self, text: &Text<'a>, host: &Host) -> Confidence {
        let by_form = match host.form {
            Form::Domain | Form::Variable => Confidence::Certain,
            Form::Url | Form::HostPort if text.written.as_str()[host.name.clone()].contains(".svc") => {
                Confidence::Certain
            }
            Form::Url | Form::HostPort | Form::Command => Confidence::Likely,
            Form::Name => Confidence::Possible,
        };
        let shared = text.taken_whole.is_some_and(|object| self.takers(object) > 1);
        if shared { Confidence::Possible } else { by_form }
    }

    /// How many pods of the target take all keys of an object as variables.
    fn takers(&mut self, object: &str) -> usize {
        let around = self.asker.around;
        let takers = self.known.takers.get_or_insert_with(|| {
            let mut takers: HashMap<String, usize> = HashMap::new();
            for (_, pod) in around.pods() {
                let sources = pod.containers().flat_map(|container| container.list("envFrom"));
                let names: HashSet<&str> = sources
                    .filter_map(|source| {
                        let of = |field: &str| source.at_path(&[field, "name"]);
                        of("configMapRef").or_else(|| of("secretRef")).map(Node::text)
                    })
                    .collect();
                #[expect(clippy::iter_over_hash_type, reason = "counts come out the same in any order")]
                for name in names {
                    *takers.entry(name.to_owned()).or_insert(0) += 1;
                }
            }
            takers
        });
        takers.get(object).copied().unwrap_or(0)
    }

    fn note(&mut self, call: &Call<'a, '_>, book: &mut Book, facts: NodeId) {
        let Call { text, host, meaning, .. } = call;
        let Some(node) = text.written.node() else { return };
        let span = call.place().unwrap_or(node.span());
        let item = book.item_at(facts, "dependencies", node, span);
        book.text(item, "kind", "Service");
        book.text(item, "name", &meaning.service);
        if call.only_waits {
            book.flag(item, "onlyWaits", Some(true));
        }
        let namespace = self.asker.namespace(&meaning.namespace);
        if let Some(namespace) = &namespace {
            book.text(item, "namespace", namespace);
        }
        book.text(item, "container", text.container);
        book.text(item, "place", text.place);
        book.text(item, "evidence", host.form.evidence());
        let confidence = match call.confidence {
            Confidence::Certain => "certain",
            Confidence::Likely => "likely",
            Confidence::Possible => "possible",
        };
        book.text(item, "confidence", confidence);
        book.verdict(item, "resolved", meaning.state);
        if let Some((port, place)) = &call.port {
            book.text_at(item, "port", port, place.unwrap_or(span));
            let service = self.asker.service(meaning).filter(|_| meaning.state == Some("target"));
            if let Some(service) = service {
                let is_meant = is_beside(namespace.as_deref(), service.resource);
                let state = port_state(service, port).filter(|&state| is_meant || state == "found");
                book.verdict(item, "portState", state);
            }
        }
        if meaning.state == Some("missing") {
            let wanted = ("Service", namespace.as_deref(), meaning.service.as_str());
            self.known.hints.note(self.asker.around, wanted, book, item);
        }
    }
}

/// Whether a lone name is a host by what it is called.
fn is_name_of_host(text: &Text<'_>, host: &Host, named: &str) -> bool {
    let is_qualified = text.written.as_str()[host.name.clone()].contains('/');
    let is_bare = host.key.is_none() && text.syntax != Syntax::Value;
    !is_bare && if is_qualified { keys::is_service(named) } else { keys::is_address(named) }
}

/// The port that another text tells: `DB_PORT` beside `DB_HOST`, the word behind the host.
fn port_beside(text: &Text<'_>, host: &Host) -> Option<(String, Option<Span>)> {
    let is_apart = !matches!(host.form, Form::Url | Form::HostPort);
    let port: &runs::Text<'_> = text.port.as_ref().filter(|_| is_apart)?;
    let number = port.literal()?;
    let is_port = number.parse::<u16>().is_ok_and(|number| number > 0);
    is_port.then(|| (number.to_owned(), port.origin(0..number.len())))
}

/// Whether a Service answers at a port; not known where nothing stands between the caller and the pods.
fn port_state(service: Service<'_>, port: &str) -> Option<&'static str> {
    if service.port(port).is_some() {
        return Some("found");
    }
    let mut nodes = service.ports().filter_map(|port| port.node.get("port"));
    if service.is_headless() || service.is_external_name() || nodes.any(Node::is_unknown) {
        return None;
    }
    let mut targets = service.ports().filter_map(|port| port.node.get("targetPort"));
    Some(if targets.any(|target| target.text() == port) { "target-port" } else { "missing" })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::sync::Arc;

    use crate::facts::of_text;
    use crate::source::Sources;
    use crate::yaml::Node;

    /// Services by name and port, a ConfigMap, and a Deployment `web` whose own Service is `web`.
    fn calls(services: &[(&str, u16)], container: &str) -> Vec<String> {
        let mut text = String::new();
        for (name, port) in services {
            let spec = format!("{{selector: {{app: {name}}}, ports: [{{port: {port}}}]}}");
            writeln!(text, "{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {spec}}}\n---").unwrap();
        }
        let pod = format!("{{metadata: {{labels: {{app: web}}}}, spec: {{containers: [{container}]}}}}");
        write!(text, "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {pod}}}}}")
            .unwrap();
        let sources = Arc::new(Sources::in_memory());
        let facts = of_text(&sources, &text);
        let items = facts.of(services.len()).get("dependencies").into_iter().flat_map(Node::items);
        items.map(shown).collect()
    }

    fn shown(item: Node<'_>) -> String {
        let fields = ["name", "port", "evidence", "confidence", "resolved", "portState"];
        let values = fields.iter().filter_map(|field| item.get(field)).map(Node::text);
        values.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn notations_differ_in_what_they_prove() {
        let services = [("db", 5432), ("cache", 6379), ("web", 80)];
        let found = |env: &str| calls(&services, &format!("{{name: a, env: [{env}]}}"));
        assert_eq!(found("{name: X, value: 'pg://u:p@db:5432/x'}"), ["db 5432 url likely target found"]);
        assert_eq!(found("{name: X, value: 'cache:6379'}"), ["cache 6379 host-port likely target found"]);
        assert_eq!(found("{name: X_HOST, value: db}"), ["db name possible target"]);
        assert_eq!(
            found("{name: X_HOST, value: db}, {name: X_PORT, value: '5432'}"),
            ["db 5432 name possible target found"]
        );
        assert_eq!(found("{name: X, value: 'http://$(DB_SERVICE_HOST)'}"), ["db variable certain target"]);
        assert_eq!(found("{name: X, value: gone.far.svc}"), ["gone domain certain missing"]);
        assert_eq!(found("{name: X_URL, value: 'http://gone:80'}"), ["gone 80 url likely missing"]);
        assert_eq!(found("{name: X, value: 'http://db.${NS}.svc:1'}"), ["db 1 url certain target missing"]);
    }

    #[test]
    fn values_and_words_are_put_together() {
        let services = [("db", 5432), ("cache", 6379), ("web", 80)];
        let found = |container: &str| calls(&services, &format!("{{name: a, image: busybox:1.36, {container}}}"));
        assert_eq!(found("command: [nc, -z, db, '5432']"), ["db 5432 command likely target found"]);
        assert_eq!(found("command: [pg_isready, -h, db, -p, '5432']"), ["db 5432 name possible target found"]);
        assert_eq!(found("args: [--db-host=db, --db-port=5433]"), ["db 5433 name possible target missing"]);
        assert_eq!(found("command: [mysqladmin, -hdb, ping]"), ["db name possible target"]);
        let script = |env: &str, script: &str| found(&format!("env: [{env}], command: [sh, -c, '{script}']"));
        let own = "{name: A, value: db}, {name: B, value: '5432'}";
        for text in [
            "nc -z \"$A\" \"${B:-1}\"",
            "nc -z -w 2 $A ${C:-5432}",
            "timeout 9 nc -z ${C:-db} $B",
            "try() { nc -z $1 $2; }; try db 5432",
            "for host in db; do nc -z $host 5432; done",
            "to=\"$A 5432\"; nc -z $to",
            "sh -c \"nc -z $A 5432\"",
            "exec 3<>/dev/tcp/$A/$B",
        ] {
            assert_eq!(script(own, text), ["db 5432 command likely target found"], "{text}");
        }
        assert_eq!(script(own, "curl http://$A:$B/"), ["db 5432 url likely target found"]);
        let split = "{name: U, value: 'http://$(H):$(P)'}, {name: H, value: x}, {name: P, value: '1'}";
        assert_eq!(script(split, "true"), [""; 0], "what is defined later is not filled in");
        assert_eq!(
            script("{name: H, value: db}, {name: P, value: '5432'}, {name: U, value: 'http://$(H):$(P)'}", "true"),
            ["db 5432 url likely target found"]
        );
        assert_eq!(script("", "nc $DB_SERVICE_HOST 5432"), ["db 5432 variable certain target found"]);
        assert_eq!(script("{name: X_SERVICE_NAME, value: db}", "true"), ["db name possible target"]);
        assert_eq!(found("args: [--default-backend-service=default/db]"), ["db name possible target"]);
        for text in ["echo db:5432", "echo \"$A:$B\" >&2", "# nc db 5432", "printf %s http://db"] {
            assert_eq!(script("", text), [""; 0], "{text}");
        }
        assert_eq!(script("", "echo db:5432 > /etc/list"), ["db 5432 host-port likely target found"]);
        assert_eq!(script("", "cat > x <<END\n\nhost: db\n\nEND"), ["db name possible target"]);
    }

    #[test]
    fn the_place_is_where_the_name_is_written() {
        let sources = Arc::new(Sources::in_memory());
        let text = "
{apiVersion: v1, kind: Service, metadata: {name: db}, spec: {ports: [{port: 5432}]}}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: a
      image: busybox:1.36
      env:
        - {name: TO, value: db}
      command:
        - sh
        - -c
        - |
          # Both words are looked for in the value of a variable.
          nc -z \"$TO\" \"${PORT:-5432}\"
";
        let facts = of_text(&sources, text);
        let item = facts.of(1).get("dependencies").and_then(|items| items.items().next()).unwrap();
        let place = |node: Node<'_>| sources.location(node.span());
        assert_eq!((item.get_str("name"), place(item).line, place(item).column), (Some("db"), 12, 29));
        let port = place(item.get("port").unwrap());
        assert_eq!((port.line, port.column), (18, 32));
    }

    #[test]
    fn what_looks_like_a_call_and_is_none() {
        let services = [("db", 5432), ("mysql", 3306), ("web", 80)];
        for env in [
            // Its own Service.
            "{name: X_URL, value: 'http://web:80'}",
            "{name: DB_DRIVER, value: mysql}",
            "{name: DB_USER, value: db}",
            "{name: VERSION, value: 'mysql:8'}",
            "{name: NO_PROXY, value: 'db,mysql:3306'}",
            "{name: KAFKA_ADVERTISED_LISTENERS, value: 'PLAINTEXT://db:5432'}",
            "{name: DB_SERVICE_HOST, value: 10.0.0.1}, {name: X, value: '$(DB_SERVICE_HOST)'}",
            "{name: BUCKET, value: 's3://db/x'}",
            "{name: SITE, value: 'https://db.example.com'}",
        ] {
            assert_eq!(calls(&services, &format!("{{name: a, env: [{env}]}}")), [""; 0], "{env}");
        }
    }

    #[test]
    fn commands_probes_and_flags_call_too() {
        let services = [("db", 5432), ("web", 80)];
        let script = "{name: a, command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}";
        assert_eq!(calls(&services, script), ["db 5432 command likely target found"]);
        assert_eq!(calls(&services, "{name: a, args: [--db-host, db]}"), ["db name possible target"]);
        let probe = "{name: a, readinessProbe: {exec: {command: [curl, 'db:5432']}}}";
        assert_eq!(calls(&services, probe), ["db 5432 host-port likely target found"]);
        // Whom a certificate is made for calls nobody.
        assert_eq!(calls(&services, "{name: a, args: ['--host=db.x.svc', --secret-name=tls]}"), [""; 0]);
    }
}
