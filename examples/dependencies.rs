//! What the workloads of repositories call, as Plimsoll reads it: `cargo run --example dependencies -- FOLDER…`.
//!
//! With `--labels testdata/labels/dependencies.yaml FOLDER`, it compares that with what people have read there, by
//! hand, and prints precision and recall. FOLDER holds a checkout `OWNER+NAME` of each repository.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a program for people at a terminal"
)]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use plimsoll::facts;
use plimsoll::facts::Elsewhere;
use plimsoll::facts::Scope;
use plimsoll::render;
use plimsoll::session::Input;
use plimsoll::session::Request;
use plimsoll::session::Session;
use plimsoll::source::Sources;
use plimsoll::yaml::Node;
use plimsoll::yaml::Reader;
use plimsoll::yaml::parse;

/// File, workload and Service.
type Pair = (String, String, String);

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, labels, folder] if flag == "--labels" => measure(Path::new(labels), Path::new(folder)),
        folders if !folders.is_empty() => folders.iter().try_for_each(|folder| {
            for line in dependencies(Path::new(folder))? {
                println!("{}", line.text);
            }
            Ok(())
        }),
        _ => Err("name the folders of repositories, or `--labels FILE FOLDER`".to_owned()),
    }
}

/// One dependency.
struct Line {
    pair: Pair,
    kind: String,
    resolved: String,
    is_possible: bool,
    text: String,
}

/// The dependencies of all workloads of a repository, each once.
fn dependencies(folder: &Path) -> Result<Vec<Line>, String> {
    let session = Session::open(&Request::of(Input::Paths(vec![folder.to_owned()])))?;
    let bases = render::Bases::new(None);
    let targets = &session.discovery.targets;
    let rendered: Vec<_> =
        targets.iter().map(|target| render::render(target, &session.files, &session.options, &bases)).collect();
    let mut elsewhere = Elsewhere::default();
    for rendered in &rendered {
        elsewhere.add(&rendered.resources);
    }
    let sources = session.files.sources();
    let mut lines = BTreeMap::new();
    for rendered in &rendered {
        let scope =
            Scope { target: "", resources: &rendered.resources, elsewhere: &elsewhere, config: &session.config };
        let facts = facts::infer(scope, sources);
        for (index, resource) in rendered.resources.iter().enumerate() {
            let file = sources.location(resource.node().span()).file;
            let workload = format!("{}/{}", resource.id.kind, resource.id.name);
            for item in facts.of(index).get("dependencies").into_iter().flat_map(Node::items) {
                let field = |key: &str| item.get(key).map_or("", Node::text);
                let place = sources.location(item.span());
                let text = format!(
                    "{}\t{}\t{workload}\t{}/{}/{}\t{}\t{}\t{}\t{}\t{}\t{}:{}\t{file}",
                    field("resolved"),
                    folder.file_name().unwrap_or_default().to_string_lossy(),
                    field("kind"),
                    field("namespace"),
                    field("name"),
                    [field("port"), field("key")].concat(),
                    [field("portState"), field("keyState")].concat(),
                    field("confidence"),
                    field("place"),
                    field("evidence"),
                    place.file,
                    place.line,
                );
                let pair = (file.clone(), workload.clone(), field("name").to_owned());
                let (kind, resolved) = (field("kind").to_owned(), field("resolved").to_owned());
                let is_possible = field("confidence") == "possible";
                lines.entry(text.clone()).or_insert(Line { pair, kind, resolved, is_possible, text });
            }
        }
    }
    Ok(lines.into_values().collect())
}

/// What people have read in one repository: whether a workload calls a Service.
type Labels = BTreeMap<Pair, bool>;

fn measure(labels: &Path, folder: &Path) -> Result<(), String> {
    let mut all: BTreeMap<String, Labels> = BTreeMap::new();
    for (repository, pair, calls) in read(labels)? {
        all.entry(repository).or_default().insert(pair, calls);
    }
    let (mut right, mut wrong, mut missed, mut skipped) = (0, 0, 0, 0_usize);
    let (mut surely_right, mut surely_wrong) = (0, 0);
    for (repository, labels) in all {
        let place: PathBuf = folder.join(repository.replace('/', "+"));
        if !place.is_dir() {
            println!("{repository} is not there, so its {} labels are skipped", labels.len());
            skipped += labels.len();
            continue;
        }
        let lines = dependencies(&place)?;
        let found: Vec<&Line> = lines
            .iter()
            .filter(|line| line.kind == "Service" && !matches!(line.resolved.as_str(), "missing" | "unknown"))
            .collect();
        let sure: BTreeSet<&Pair> = found.iter().filter(|line| !line.is_possible).map(|line| &line.pair).collect();
        let found: BTreeSet<&Pair> = found.iter().map(|line| &line.pair).collect();
        for (pair, calls) in &labels {
            surely_right += u32::from(sure.contains(pair) && *calls);
            surely_wrong += u32::from(sure.contains(pair) && !*calls);
            match (found.contains(pair), *calls) {
                (true, true) => right += 1,
                (true, false) => {
                    wrong += 1;
                    println!("{repository}: {pair:?} is found and should not be");
                }
                (false, true) => {
                    missed += 1;
                    println!("{repository}: {pair:?} is missed");
                }
                (false, false) => {}
            }
        }
    }
    let share = |part: u32, rest: u32| 100.0 * f64::from(part) / f64::from((part + rest).max(1));
    println!("{right} found, {wrong} wrongly, {missed} missed, {skipped} labels skipped");
    println!("precision {:.1} %, recall {:.1} %", share(right, wrong), share(right, missed));
    let sure = share(surely_right, surely_wrong);
    println!("{surely_right} of them are more than possible, {surely_wrong} wrongly: precision {sure:.1} %");
    Ok(())
}

fn read(path: &Path) -> Result<Vec<(String, Pair, bool)>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let sources = Arc::new(Sources::in_memory());
    let parsed = parse(&sources, sources.add("labels", text), Reader::Kubectl);
    let root = parsed.documents.first().ok_or("there are no labels")?.root;
    let mut labels = Vec::new();
    for (repository, files) in parsed.tree.node(root).fields() {
        for (file, workloads) in files.fields() {
            for (workload, calls) in workloads.fields() {
                for (answer, is_call) in [("yes", true), ("no", false)] {
                    for service in calls.get(answer).into_iter().flat_map(Node::items) {
                        let pair = (file.text().to_owned(), workload.text().to_owned(), service.text().to_owned());
                        labels.push((repository.text().to_owned(), pair, is_call));
                    }
                }
            }
        }
    }
    if labels.is_empty() {
        eprintln!("there are no labels in `{}`", path.display());
    }
    Ok(labels)
}
