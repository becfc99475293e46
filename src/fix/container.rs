//! What a wait looks like: an init container that asks again and again for a bounded time, in a shell that any image
//! has.
//!
//! It asks whether somebody listens on the port of the Service, by its full name, so that no search list of the pod
//! is gone through. Each try has an end, all tries together have one, and what is waited for is said. It may run
//! anywhere: it needs no rights, has requests equal to its limits so that no pod loses its class of service, and
//! mounts nothing.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::fix::Settings;
use crate::fix::wanted::Wait;
use crate::yaml::Node;
use crate::yaml::emit;

/// The longest name that a container may have.
const MAX_NAME: usize = 63;

/// The variable that the namespace of the pod is put into where nobody knows it before.
const NAMESPACE: &str = "POD_NAMESPACE";

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
}

/// The init containers for waits, in their order. `taken` are the names that the pod has already.
pub(super) fn containers(waits: &[Wait], mut taken: BTreeSet<String>, settings: &Settings<'_>) -> Vec<Container> {
    let mut made = Vec::new();
    for wait in waits {
        let is_one_of_many = waits.iter().filter(|other| other.service == wait.service).count() > 1;
        let port = if is_one_of_many { format!("-{}", wait.port) } else { String::new() };
        let name = unused(&format!("wait-for-{}", wait.service), &port, &taken);
        taken.insert(name.clone());
        made.push(Container { text: text(&name, wait, settings), name });
    }
    made
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

fn text(name: &str, wait: &Wait, settings: &Settings<'_>) -> String {
    let mut text = format!("name: {name}\nimage: {}\n", plain(settings.image));
    text.push_str("command:\n  - sh\n  - -c\n  - |\n");
    text.push_str(&indented(&script(wait, settings), "    "));
    if wait.namespace.is_none() {
        let field = "valueFrom:\n      fieldRef:\n        fieldPath: metadata.namespace\n";
        let _ = write!(text, "env:\n  - name: {NAMESPACE}\n    {field}");
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

/// What it runs.
fn script(wait: &Wait, settings: &Settings<'_>) -> String {
    let Settings { timeout, try_timeout, pause, cluster_domain, .. } = settings;
    let namespace = wait.namespace.clone().unwrap_or_else(|| format!("${NAMESPACE}"));
    let host = format!("{}.{namespace}.svc.{cluster_domain}", wait.service);
    let port = wait.port;
    format!(
        "\
end=$(($(date +%s) + {timeout}))
until nc -z -w {try_timeout} \"{host}\" {port}; do
  if [ \"$(date +%s)\" -ge \"$end\" ]; then
    echo \"{host}:{port} has not answered within {timeout} seconds\" >&2
    exit 1
  fi
  echo \"waiting for {host}:{port}\"
  sleep {pause}
done
"
    )
}

/// Every line further to the right.
pub(super) fn indented(text: &str, by: &str) -> String {
    text.split_inclusive('\n').map(|line| if line == "\n" { line.to_owned() } else { format!("{by}{line}") }).collect()
}

/// A text as it is if it can be taken for nothing else, in quotes otherwise.
pub(super) fn plain(text: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b':' | b'_' | b'-' | b'@');
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
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
    use crate::fix::settings::testing;
    use crate::fix::wanted::Wait;

    fn wait(service: &str, namespace: Option<&str>, port: u16) -> Wait {
        Wait { service: service.to_owned(), namespace: namespace.map(str::to_owned), is_near: true, port }
    }

    #[test]
    fn a_wait_is_bounded_and_says_whom_it_is_for() {
        let made = containers(&[wait("db", Some("shop"), 5432)], BTreeSet::new(), &testing());
        insta::assert_snapshot!(made[0].text);
    }

    #[test]
    fn an_unknown_namespace_is_asked_of_the_pod() {
        let made = containers(&[wait("db", None, 5432)], BTreeSet::new(), &testing());
        insta::assert_snapshot!(made[0].text);
    }

    #[test]
    fn names_are_short_and_nobody_elses() {
        let taken: BTreeSet<String> = ["wait-for-db".to_owned()].into();
        assert_eq!(unused("wait-for-db", "", &taken), "wait-for-db-2");
        let long = format!("wait-for-{}", "a".repeat(63));
        assert_eq!(unused(&long, "-5432", &taken).len(), 63);
        let made = containers(&[wait("db", None, 1), wait("db", None, 2)], taken, &testing());
        assert_eq!([&made[0].name, &made[1].name], ["wait-for-db-1", "wait-for-db-2"]);
    }

    #[test]
    fn what_would_be_read_as_something_else_is_quoted() {
        for (text, expected) in
            [("busybox:1.37", "busybox:1.37"), ("1.2", "\"1.2\""), ("no", "\"no\""), ("a: b", "\"a: b\"")]
        {
            assert_eq!(plain(text), expected);
        }
    }
}
