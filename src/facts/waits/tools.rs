//! Images made for waiting, which are told by variables or arguments alone whom to wait for.

use crate::facts::runs::Run;
use crate::facts::runs::Text;
use crate::facts::runs::Value;
use crate::facts::runs::base_name;
use crate::facts::waits::draft::Draft;
use crate::facts::waits::draft::Effect;
use crate::facts::waits::probe::Known;
use crate::facts::waits::probe::Proof;
use crate::facts::waits::probe::Seen;
use crate::source::Span;
use crate::yaml::Node;

/// What `kubernetes-entrypoint` is told by, and what it waits for then; none for a Service.
const DEPENDENCIES: &[(&str, Option<&str>)] = &[
    ("DEPENDENCY_SERVICE", None),
    ("DEPENDENCY_JOBS", Some("job")),
    ("DEPENDENCY_DAEMONSET", Some("daemonset")),
    ("DEPENDENCY_CONTAINER", Some("container")),
    ("DEPENDENCY_CONFIG", Some("file")),
    ("DEPENDENCY_SOCKET", Some("file")),
    ("DEPENDENCY_POD_JSON", Some("pod")),
    ("DEPENDENCY_JOBS_JSON", Some("job")),
    ("DEPENDENCY_CUSTOM_RESOURCE", Some("object")),
];

/// Options of readiness images, and what they name; none for a Service.
const READINESS: &[(&str, Option<&str>)] = &[
    ("--service-name", None),
    ("--job-name", Some("job")),
    ("--container-name", Some("container")),
    ("--app-name", Some("pod")),
    ("--pod-name", Some("pod")),
];

/// How long a readiness image waits if nobody says, in minutes.
const READINESS_MINUTES: u64 = 10;

/// The waits of a container whose image is made for them.
pub(super) fn drafts<'a>(run: &Run<'a>) -> Vec<Draft<'a>> {
    let image = run.container.node.get_str("image").unwrap_or_default();
    let name = base_name(image.split(['@']).next().unwrap_or_default()).split(':').next().unwrap_or_default();
    let word = |text: &Text<'a>| text.literal().map(|word| base_name(word).to_owned());
    let first = run.container.list("command").chain(run.container.list("args")).next();
    let first = first.map(Text::written).as_ref().and_then(word).unwrap_or_default();
    if name == "kubernetes-entrypoint" || first == "kubernetes-entrypoint" {
        return entrypoint(run);
    }
    let has_command = run.container.list("command").next().is_some();
    if !has_command && name == "k8s-wait-for" {
        return wait_for(run);
    }
    let is_readiness = !has_command || first.starts_with("ready");
    if is_readiness { readiness(run) } else { Vec::new() }
}

fn draft(seen: Seen<'_>, seconds: Option<u64>) -> Draft<'_> {
    Draft {
        seen: vec![seen],
        bounded: Some(seconds.is_some()),
        seconds,
        effect: Effect::Yes,
        fault: None,
        reason: None,
        rests_on_output: false,
        range: None,
        fails: Some(true),
        is_busy: false,
        unlimited: false,
        shared: 0,
    }
}

fn seen<'a>(method: &str, kind: Option<&str>, name: Value, node: Node<'a>, span: Option<Span>) -> Seen<'a> {
    let object = kind.map(|kind| (kind.to_owned(), Some(name.clone())));
    Seen {
        key: (0, node.span().start as usize, name.shown(|symbol| format!("{symbol:?}"))),
        method: method.to_owned(),
        host: kind.is_none().then_some(name),
        port: None,
        object,
        namespace: None,
        is_other: false,
        proves: Proof::State,
        known: Known::Program,
        trap: None,
        accepts: None,
        node: Some(node),
        written: span,
        text: None,
        range: 0..0,
        asked: false,
        taken: true,
    }
}

fn entrypoint<'a>(run: &Run<'a>) -> Vec<Draft<'a>> {
    let mut drafts = Vec::new();
    for (variable, kind) in DEPENDENCIES {
        let Some(set) = run.environment.variable(variable) else { continue };
        let node = set.text.node().unwrap_or(set.entry);
        let mut add = |name: Value| {
            drafts.push(draft(seen("kubernetes-entrypoint", *kind, name, node, Some(node.span())), None));
        };
        match set.text.literal() {
            Some(text) if text.trim_start().starts_with('[') => add(Value::text(*variable, None)),
            Some(text) => {
                for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
                    let name = match (item.split_once(':'), kind) {
                        (Some((namespace, name)), None) => format!("{name}.{namespace}.svc"),
                        _ => item.to_owned(),
                    };
                    add(Value::text(name, Some(node.span())));
                }
            }
            None => add(set.text.value()),
        }
    }
    drafts
}

/// `k8s-wait-for`: kind and name, and nothing ends it.
fn wait_for<'a>(run: &Run<'a>) -> Vec<Draft<'a>> {
    let args: Vec<Node<'a>> = run.container.list("args").collect();
    let [kind, name, ..] = &args[..] else { return Vec::new() };
    let value = Text::written(*name).value();
    let kind = Some(kind.text()).filter(|kind| *kind != "service");
    vec![draft(seen("k8s-wait-for", kind, value, *name, Some(name.span())), None)]
}

/// Arguments that name what has to be ready.
fn readiness<'a>(run: &Run<'a>) -> Vec<Draft<'a>> {
    let words: Vec<Node<'a>> = run.container.list("command").chain(run.container.list("args")).collect();
    let limit = words.windows(2).find(|pair| pair[0].is_text("--timeout") || pair[0].is_text("-t"));
    let minutes = limit.map_or(Some(READINESS_MINUTES), |pair| pair[1].text().parse().ok());
    let mut drafts = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let (name, attached) =
            word.text().split_once('=').map_or((word.text(), None), |(name, value)| (name, Some(value)));
        let Some((_, kind)) = READINESS.iter().find(|(option, _)| *option == name) else { continue };
        let (value, node) = match (attached, words.get(index + 1)) {
            (Some(value), _) => (Value::text(value, None), *word),
            (None, Some(next)) => (Text::written(*next).value(), *next),
            (None, None) => continue,
        };
        let mut draft = draft(seen("readiness", *kind, value, node, Some(node.span())), None);
        (draft.bounded, draft.seconds) = (Some(true), minutes.map(|minutes: u64| minutes.saturating_mul(60)));
        drafts.push(draft);
    }
    drafts
}
