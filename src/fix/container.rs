//! What waits look like: an init container that runs a script for them. It may run anywhere: it needs no rights, has
//! requests equal to its limits so that no pod loses its class of service, and mounts nothing.
//!
//! All waits of a pod share one container, or one for each image that they need, and one time: they come one after
//! the other, and who deploys the pod has the patience for one.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::fix::Settings;
use crate::fix::script::script;
use crate::fix::workload::Time;
use crate::fix::workload::Wait;
use crate::yaml::Node;
use crate::yaml::emit;

/// The longest name that a container may have.
const MAX_NAME: usize = 63;

/// The variable that the namespace of the pod is put into where nobody knows it before.
pub(super) const NAMESPACE: &str = "POD_NAMESPACE";

const RESOURCES: &str = "\
limits:
  cpu: 20m
  memory: 16Mi
requests:
  cpu: 20m
  memory: 16Mi
";

/// What the restricted profile of PodSecurity asks for.
const SECURITY_CONTEXT: &str = "\
allowPrivilegeEscalation: false
capabilities:
  drop:
    - ALL
readOnlyRootFilesystem: true
runAsNonRoot: true
runAsUser: 65534
seccompProfile:
  type: RuntimeDefault
";

/// An init container that is to be added.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Container {
    pub(super) name: String,
    /// The item of a list as block YAML, from its `- ` on, each line with an end.
    pub(super) text: String,
    /// Whom it waits for.
    pub(super) waits: Vec<Wait>,
}

/// The init containers for waits, in their order. `taken` are the names that the pod has already.
pub(super) fn containers(
    waits: &[Wait],
    mut taken: BTreeSet<String>,
    time: Time,
    settings: &Settings<'_>,
) -> Vec<Container> {
    let groups = groups(waits, settings);
    // Whoever waits in turn shares the time.
    let seconds = time.each(groups.len());
    let mut made = Vec::new();
    for group in groups {
        let first = group[0];
        let has_more = |own: &Wait| waits.iter().filter(|other| other.service == own.service).count() > group.len();
        let (start, end) = match group.iter().all(|wait| wait.service == first.service) {
            false => ("wait-for-services".to_owned(), String::new()),
            true if has_more(first) => (format!("wait-for-{}", first.service), format!("-{}", first.port)),
            true => (format!("wait-for-{}", first.service), String::new()),
        };
        let name = unused(&start, &end, &taken);
        taken.insert(name.clone());
        let text = text(&name, &group, seconds, settings);
        made.push(Container { name, text, waits: group.into_iter().cloned().collect() });
    }
    made
}

/// The waits of each container: those that the programs of one image ask, or each by itself.
fn groups<'w>(waits: &'w [Wait], settings: &Settings<'_>) -> Vec<Vec<&'w Wait>> {
    let mut groups: Vec<Vec<&Wait>> = Vec::new();
    for wait in waits {
        let is_alike = |group: &&mut Vec<&Wait>| settings.image(&group[0].check) == settings.image(&wait.check);
        match groups.iter_mut().find(is_alike).filter(|_| !settings.is_each_alone) {
            Some(group) => group.push(wait),
            None => groups.push(vec![wait]),
        }
    }
    groups
}

/// A name that starts and ends like this, is short enough, and is not taken.
fn unused(start: &str, end: &str, taken: &BTreeSet<String>) -> String {
    let cut = |room: usize| start[..start.len().min(room)].trim_end_matches(['-', '.']).replace('.', "-");
    let first = format!("{}{end}", cut(MAX_NAME - end.len()));
    let numbered = (2..).map(|number| {
        let end = format!("{end}-{number}");
        format!("{}{end}", cut(MAX_NAME - end.len()))
    });
    std::iter::once(first).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default()
}

fn text(name: &str, waits: &[&Wait], seconds: u64, settings: &Settings<'_>) -> String {
    let mut text = format!("name: {name}\nimage: {}\n", plain(settings.image(&waits[0].check)));
    text.push_str("command:\n  - sh\n  - -c\n  - |\n");
    text.push_str(&indented(&script(waits, NAMESPACE, seconds, settings), "    "));
    if waits.iter().any(|wait| wait.namespace.is_none()) {
        let _ = write!(text, "env:\n{}", indented(&namespace_variable(), "  "));
    }
    let block =
        |own: Option<Node<'_>>, usual: &str| own.and_then(|own| emit(own).ok()).unwrap_or_else(|| usual.to_owned());
    let resources = block(settings.resources, RESOURCES);
    let security_context = block(settings.security_context, SECURITY_CONTEXT);
    let _ = write!(text, "resources:\n{}", indented(&resources, "  "));
    let _ = write!(text, "securityContext:\n{}", indented(&security_context, "  "));
    let item = indented(&text, "  ");
    format!("- {}", &item[2..])
}

/// The item of `env` that knows the namespace of the pod.
pub(super) fn namespace_variable() -> String {
    format!("- {}", &indented(&namespace_fields(), "  ")[2..])
}

/// The fields of that item.
pub(super) fn namespace_fields() -> String {
    format!("name: {NAMESPACE}\nvalueFrom:\n  fieldRef:\n    fieldPath: metadata.namespace\n")
}

/// Every line further to the right.
pub(super) fn indented(text: &str, by: &str) -> String {
    text.split_inclusive('\n').map(|line| if line == "\n" { line.to_owned() } else { format!("{by}{line}") }).collect()
}

/// A text as it is if it can be taken for nothing else, in quotes otherwise.
pub(super) fn plain(text: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b':' | b'_' | b'-' | b'@');
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic()) || text.starts_with("../");
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word));
    if starts_well && text.bytes().all(is_safe) && !text.ends_with(':') && !word {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::containers;
    use super::plain;
    use super::unused;
    use crate::config::Check;
    use crate::fix::settings::testing;
    use crate::fix::workload::Time;
    use crate::fix::workload::Wait;

    const TIME: Time = Time { seconds: 300, others: 0 };

    fn wait(service: &str, namespace: Option<&str>, port: u16) -> Wait {
        let namespace = namespace.map(str::to_owned);
        Wait { service: service.to_owned(), namespace, is_near: true, port, check: Check::Tcp }
    }

    #[test]
    fn a_wait_is_bounded_and_says_whom_it_is_for() {
        let made = containers(&[wait("db", Some("shop"), 5432)], BTreeSet::new(), TIME, &testing());
        insta::assert_snapshot!(made[0].text);
    }

    #[test]
    fn an_unknown_namespace_is_asked_of_the_pod() {
        let made = containers(&[wait("db", None, 5432)], BTreeSet::new(), TIME, &testing());
        insta::assert_snapshot!(made[0].text);
    }

    #[test]
    fn all_waits_of_a_pod_share_a_container_for_each_image() {
        let mut waits = [wait("db", None, 5432), wait("cache", None, 6379), wait("web", Some("shop"), 80)];
        waits[1].check = Check::Redis;
        waits[2].check = Check::Http(Some("/ready".to_owned()));
        let made = containers(&waits, BTreeSet::new(), TIME, &testing());
        let texts: String = made.iter().map(|container| container.text.as_str()).collect();
        insta::assert_snapshot!(texts);
        let settings = crate::fix::Settings { is_each_alone: true, ..testing() };
        let made = containers(&waits, BTreeSet::new(), TIME, &settings);
        let names: Vec<&str> = made.iter().map(|container| container.name.as_str()).collect();
        assert_eq!(names, ["wait-for-db", "wait-for-cache", "wait-for-web"]);
        assert!(made.iter().all(|container| container.text.contains("+ 100))")), "they share 300 seconds");
    }

    #[test]
    fn names_are_short_and_nobody_elses() {
        let taken: BTreeSet<String> = ["wait-for-db".to_owned()].into();
        assert_eq!(unused("wait-for-db", "", &taken), "wait-for-db-2");
        let long = format!("wait-for-{}", "a".repeat(63));
        assert_eq!(unused(&long, "-5432", &taken).len(), 63);
        let both = [wait("db", None, 1), wait("db", None, 2)];
        assert_eq!(containers(&both, BTreeSet::new(), TIME, &testing())[0].name, "wait-for-db");
        let settings = crate::fix::Settings { is_each_alone: true, ..testing() };
        let made = containers(&both, taken, TIME, &settings);
        assert_eq!([&made[0].name, &made[1].name], ["wait-for-db-1", "wait-for-db-2"]);
    }

    #[test]
    fn what_would_be_read_as_something_else_is_quoted() {
        for (text, expected) in [
            ("busybox:1.37", "busybox:1.37"),
            ("1.2", "\"1.2\""),
            ("no", "\"no\""),
            ("../x", "../x"),
            (".5", "\".5\""),
            ("a: b", "\"a: b\""),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
