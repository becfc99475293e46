//! From what was asked to what it is asked of: the repository, its config, its targets, the policies.
//!
//! Knows nothing of command-line arguments; `cli` turns them into a [`Request`].

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::discover;
use crate::discover::Discovery;
use crate::discover::Fate;
use crate::fix;
use crate::kube::Version;
use crate::kustomization;
use crate::policy;
use crate::policy::Policy;
use crate::policy::PolicyFile;
use crate::policy::Selection;
use crate::render;
use crate::report::Inferred;
use crate::report::Report;
use crate::source::Place;
use crate::source::ReadError;
use crate::source::ReadProblem;
use crate::source::SourceId;
use crate::source::Sources;
use crate::source::Span;
use crate::source::files_below;
use crate::source::repository_root;
use crate::yaml::Files;
use crate::yaml::Reader;
use crate::yaml::parse;

/// What makes a folder the root of a repository.
const ROOT_MARKERS: [&str; 3] = [".git", "plimsoll.yaml", ".plimsoll.yaml"];

/// How deep below its folder a policy file may be: in the folder of its category.
const POLICY_DEPTH: usize = 2;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where manifests come from.
    pub input: Input,
    /// The config file to use in place of the one at the root.
    pub config: Option<PathBuf>,
    /// The version to judge for, in place of the config's.
    pub kubernetes: Option<Version>,
    /// Whether bases are targets too.
    pub all_roots: bool,
    /// Whether the `helm` program may be run.
    pub allow_helm: bool,
    /// Where clones of remote bases are kept; none for not fetching any.
    pub remote_cache: Option<PathBuf>,
    /// The release of kustomize to follow, in place of the config's.
    pub kustomize: Option<kustomization::Version>,
    /// Folders with more policies.
    pub policy_folders: Vec<PathBuf>,
    /// Which policies are asked.
    pub selection: Selection,
}

impl Request {
    /// All policies on this input, with the settings of the repository.
    pub fn of(input: Input) -> Self {
        Self {
            input,
            config: None,
            kubernetes: None,
            all_roots: false,
            allow_helm: false,
            remote_cache: None,
            kustomize: None,
            policy_folders: Vec::new(),
            selection: Selection::default(),
        }
    }
}

/// Where manifests come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input {
    /// Files and folders of one repository: what is deployed from them is asked for.
    Paths(Vec<PathBuf>),
    /// A stream of manifests.
    Stream(String),
}

/// Everything that a check needs, read.
#[derive(Debug)]
pub struct Session {
    /// The files of the repository.
    pub files: Files,
    /// Its settings.
    pub config: Config,
    /// Its targets, those that were asked for.
    pub discovery: Discovery,
    /// The policies that are selected and turned on.
    pub policies: Vec<Policy>,
    /// What may be done to build targets.
    pub options: render::Options,
    /// What is wrong with config and policies.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that were asked about, if nothing but files was.
    asked_files: Option<Vec<String>>,
}

impl Session {
    /// Reads what `request` asks for.
    ///
    /// # Errors
    /// When a path of the request is not there, paths lie in different repositories, or a policy is
    /// named that there is not: a message for whoever typed it.
    pub fn open(request: &Request) -> Result<Self, String> {
        let (root, paths) = match &request.input {
            Input::Paths(paths) => below_one_root(paths)?,
            Input::Stream(_) => below_one_root(&[PathBuf::from(".")])?,
        };
        let sources = Sources::below(&root).map_err(|error| format!("`{}` cannot be read: {error}", root.display()))?;
        let sources = Arc::new(sources);
        let files = Files::new(Arc::clone(&sources));
        let mut diagnostics = Vec::new();
        let mut config = read_config(request.config.as_deref(), &files, &mut diagnostics)?;
        config.kubernetes = request.kubernetes.unwrap_or(config.kubernetes);
        let policy_files = policy_files(&request.policy_folders, &sources, &config, &mut diagnostics)?;
        let policies = policy::load_all(&policy_files, &sources, &config, &request.selection, &mut diagnostics)?;
        let mut discovery = match &request.input {
            Input::Stream(text) => discover::stream(&sources, text.as_str()),
            Input::Paths(_) => discover::discover(&files, &config, discover::Options { all_roots: request.all_roots }),
        };
        if !matches!(request.input, Input::Stream(_)) && !paths.iter().any(String::is_empty) {
            discover::narrow(&mut discovery, &sources, &paths);
        }
        let version = kustomize_version(request.kustomize, &config);
        let options = render::Options {
            allow_helm: request.allow_helm,
            remote_cache: request.remote_cache.clone(),
            kustomize: render::KustomizeOptions { version, ..render::KustomizeOptions::default() },
        };
        let are_files = matches!(&request.input, Input::Paths(paths) if paths.iter().all(|path| path.is_file()));
        let asked_files = are_files.then_some(paths);
        Ok(Self { files, config, discovery, policies, options, diagnostics, asked_files })
    }

    /// Builds the targets and says what follows from their resources. The second time there is nothing left.
    pub fn infer(&mut self) -> Inferred {
        let discovery = std::mem::take(&mut self.discovery);
        let diagnostics = std::mem::take(&mut self.diagnostics);
        crate::infer(&self.files, discovery, &self.config, self.options.clone(), diagnostics)
    }

    /// Proposes changes to the files of the targets. The second time there is nothing left to change.
    pub fn fix(&mut self, request: &fix::Request) -> (fix::Proposal, Vec<Diagnostic>) {
        let discovery = std::mem::take(&mut self.discovery);
        let (proposal, mut diagnostics) =
            crate::fix(&self.files, discovery, &self.config, &self.policies, &self.options, request);
        diagnostics.extend(std::mem::take(&mut self.diagnostics));
        (proposal, diagnostics)
    }

    /// Builds and judges the targets. The second time there is nothing left to judge. If files were asked about, and
    /// not folders, only what has to do with them is told.
    pub fn check(&mut self) -> Report {
        let discovery = std::mem::take(&mut self.discovery);
        let diagnostics = std::mem::take(&mut self.diagnostics);
        // What a kustomization changes shows anywhere.
        let is_whole = |file: &&String| kustomization::FILE_NAMES.contains(&file.rsplit('/').next().unwrap_or(file));
        let asked = self.asked_files.as_deref();
        let whole: Vec<&String> = asked.unwrap_or_default().iter().filter(is_whole).collect();
        let entries = discovery.ledger.iter().filter(|entry| whole.contains(&&entry.path));
        let places = entries.filter_map(|entry| match &entry.fate {
            Fate::Consumed(targets) => Some(targets),
            _ => None,
        });
        let targets: Vec<String> = places.flatten().map(|&place| discovery.targets[place].name.clone()).collect();
        let report =
            crate::check(&self.files, discovery, &self.config, &self.policies, self.options.clone(), diagnostics);
        match asked {
            Some(files) => report.only_about(files, &targets),
            None => report,
        }
    }
}

/// Folders of one repository, or of the working directory where there is none, and the files around them.
#[derive(Debug)]
pub struct Folders {
    /// The files of the repository.
    pub files: Files,
    /// The folders in the order given, relative to the root with `/`.
    pub paths: Vec<String>,
    /// The settings of the repository.
    pub config: Config,
    /// What is wrong with them.
    pub diagnostics: Vec<Diagnostic>,
}

/// The release of kustomize to follow: the one asked for, else that of the config.
pub fn kustomize_version(asked: Option<kustomization::Version>, config: &Config) -> kustomization::Version {
    let of_config = || config.kustomize.as_deref().and_then(|version| version.parse().ok());
    asked.or_else(of_config).unwrap_or_default()
}

/// The folders at `paths`.
///
/// # Errors
/// When one of them is no folder, or they lie in different repositories: a message for whoever typed it.
pub fn folders(paths: &[PathBuf]) -> Result<Folders, String> {
    let cannot = |path: &Path, error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no folder `{}`", path.display()),
        kind => format!("`{}` cannot be read: {kind}", path.display()),
    };
    let real = |path: &PathBuf| match path.canonicalize() {
        Ok(real) if real.is_dir() => Ok(real),
        Ok(_) => Err(format!("`{}` is a file: name the folder of a kustomization", path.display())),
        Err(error) => Err(cannot(path, error)),
    };
    let real: Vec<PathBuf> = paths.iter().map(real).collect::<Result<_, _>>()?;
    let first = paths.first().ok_or("no folder was given")?;
    let root = repository_root(first, &ROOT_MARKERS).map_err(|error| cannot(first, error))?;
    let is_marked = ROOT_MARKERS.iter().any(|marker| root.join(marker).exists());
    let is_around = |around: &PathBuf| !is_marked && real.iter().all(|real| real.starts_with(around));
    let around = Path::new(".").canonicalize().ok().filter(is_around);
    let sources = Sources::below(&around.unwrap_or(root)).map_err(|error| cannot(first, error))?;
    let root = sources.root().unwrap_or(Path::new(""));
    let inside = |(real, path): (&PathBuf, &PathBuf)| match real.strip_prefix(root) {
        Ok(inside) => Ok(with_slashes(inside)),
        Err(_) => Err(format!(
            "`{}` is in another repository than `{}`; render them one by one, or from a folder around both",
            path.display(),
            first.display()
        )),
    };
    let paths = real.iter().zip(paths).map(inside).collect::<Result<_, _>>()?;
    let files = Files::new(Arc::new(sources));
    let mut diagnostics = Vec::new();
    let config = read_config(None, &files, &mut diagnostics)?;
    Ok(Folders { files, paths, config, diagnostics })
}

/// A relative path as it is told to people and kept in [`Sources`].
fn with_slashes(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

/// The root of the repository that all paths lie in, and the paths relative to it.
fn below_one_root(paths: &[PathBuf]) -> Result<(PathBuf, Vec<String>), String> {
    let mut found: Option<PathBuf> = None;
    let mut relative = Vec::new();
    for path in paths {
        let cannot = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("there is no file or folder `{}`", path.display()),
            kind => format!("`{}` cannot be read: {kind}", path.display()),
        };
        let root = match &found {
            Some(root) => root.clone(),
            None => repository_root(path, &ROOT_MARKERS).map_err(cannot)?,
        };
        let real = path.canonicalize().map_err(cannot)?;
        let Ok(inside) = real.strip_prefix(&root) else {
            return Err(format!(
                "`{}` is in another repository than `{}`; check them one by one",
                path.display(),
                paths[0].display()
            ));
        };
        relative.push(with_slashes(inside));
        found = Some(root);
    }
    found.map(|root| (root, relative)).ok_or_else(|| "no path was given".to_owned())
}

fn read_config(given: Option<&Path>, files: &Files, diagnostics: &mut Vec<Diagnostic>) -> Result<Config, String> {
    let sources = files.sources();
    let found = match given {
        Some(path) => Some(sources.read_given(path, &path.to_string_lossy())),
        None => own_config(sources, diagnostics)?,
    };
    match found {
        None => Ok(Config::default()),
        Some(Ok(source)) => {
            let mut config = config::read(&Arc::new(parse(sources, source, Reader::Kubectl)), diagnostics);
            add_external(&mut config, files, diagnostics);
            Ok(config)
        }
        Some(Err(error)) => {
            if let Some(path) = given {
                Err(format!("config file `{}` cannot be read: {}", path.display(), error.problem))
            } else {
                diagnostics.push(error.into());
                Ok(Config::default())
            }
        }
    }
}

/// Reads what the config says was exported from a cluster.
fn add_external(config: &mut Config, files: &Files, diagnostics: &mut Vec<Diagnostic>) {
    for (file, span) in config.external_files.clone() {
        match files.parsed(&file) {
            Ok(parsed) => {
                diagnostics.extend(parsed.diagnostics.iter().cloned());
                config.add_external(&parsed);
            }
            Err(error) => {
                let what = format!("file of external objects `{file}` cannot be read: {}", error.message);
                diagnostics.push(Diagnostic::error("bad-config", span, what));
            }
        }
    }
}

/// The files of the built-in policies, of `folders`, and of the folders that the config names.
fn policy_files(
    folders: &[PathBuf],
    sources: &Sources,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<PolicyFile>, String> {
    let mut files = policy::builtin(sources);
    let mut known = Vec::new();
    // A folder may be named by the config and on the command line.
    let mut is_new = |folder: &Path| {
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let is_new = !known.contains(&real);
        known.push(real);
        is_new
    };
    for folder in folders.iter().filter(|folder| is_new(folder)) {
        files.extend(policies_of(folder, sources)?.into_iter().map(|(_, file)| file));
    }
    for (folder, span) in &config.policy_folders {
        let place = sources.root().map(|root| root.join(folder)).unwrap_or_default();
        if !is_new(&place) {
            continue;
        }
        match own_policies(folder, sources) {
            Ok(found) => files.extend(found),
            Err(problem) => diagnostics.push(Diagnostic::error("bad-config", *span, problem)),
        }
    }
    Ok(files)
}

/// The policies that a repository and some folders have, for those who ask about the policies themselves.
#[derive(Debug)]
pub struct Catalogue {
    /// The texts of their files.
    pub sources: Arc<Sources>,
    /// The settings of the repository.
    pub config: Config,
    /// The files, also of policies that are broken or not selected.
    pub files: Vec<PolicyFile>,
    /// The selected policies, also those that are previews or turned off.
    pub policies: Vec<Policy>,
    /// What is wrong with config and policies.
    pub diagnostics: Vec<Diagnostic>,
}

impl Catalogue {
    /// Reads the policies of the repository around `place` and those of `folders`.
    ///
    /// # Errors
    /// When a folder can't be read or a policy is named that there is not: a message for whoever typed it.
    pub fn open(place: &Path, folders: &[PathBuf], selection: &Selection) -> Result<Self, String> {
        let (root, _) = below_one_root(&[place.to_owned()])?;
        let sources = Sources::below(&root).map_err(|error| format!("`{}` cannot be read: {error}", root.display()))?;
        let sources = Arc::new(sources);
        let mut diagnostics = Vec::new();
        let config = read_config(None, &Files::new(Arc::clone(&sources)), &mut diagnostics)?;
        let files = policy_files(folders, &sources, &config, &mut diagnostics)?;
        // Naming a policy by its id turns it on, whatever the config says and even if it is a preview.
        let is_among = |list: &[String], file: &PolicyFile| list.contains(&file.id) || list.contains(&file.category);
        let mut named = selection.clone();
        let wanted = files.iter().filter(|file| selection.only.is_empty() || is_among(&selection.only, file));
        named.only.extend(wanted.map(|file| file.id.clone()));
        let policies = policy::load_all(&files, &sources, &config, &named, &mut diagnostics)?;
        Ok(Self { sources, config, files, policies, diagnostics })
    }
}

/// The config file of the repository. What is there by its name must be read, even if it is a link that leads
/// nowhere or outside.
fn own_config(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Result<Option<Read>, String> {
    let root = sources.list("").map_err(|problem| format!("the repository cannot be read: {problem}"))?;
    let mut names = config::FILE_NAMES.iter().filter(|name| root.iter().any(|item| item.name == **name));
    let found = names.next().map(|name| sources.read(name));
    if let (Some(Ok(_)), Some(other)) = (&found, names.next())
        && let Ok(source) = sources.read(other)
    {
        let what = format!("there is a `{}` beside this file, so this one is not used", config::FILE_NAMES[0]);
        diagnostics.push(Diagnostic::error("bad-config", Span::whole(source), what));
    }
    Ok(found)
}

/// A file that was read, or why it was not.
type Read = Result<SourceId, ReadError>;

/// The policy files of a folder that the repository's own config names. The config may be part of a change
/// that nobody trusts yet, so neither the folder nor a file in it may lie outside of the repository.
fn own_policies(folder: &str, sources: &Sources) -> Result<Vec<PolicyFile>, String> {
    let cannot = |problem: ReadProblem| format!("folder of policies `{folder}` cannot be read: {problem}");
    let mut open = vec![(folder.trim_matches('/').to_owned(), POLICY_DEPTH)];
    let mut paths = Vec::new();
    while let Some((folder, depth)) = open.pop() {
        let items = sources.list(&folder).map_err(|problem| match problem {
            ReadProblem::NotFound => format!("folder of policies `{folder}` cannot be read: there is no such folder"),
            problem => cannot(problem),
        })?;
        for item in items {
            let path = format!("{folder}/{}", item.name);
            match sources.locate(&path).map_err(cannot)? {
                Place::Folder(_) if depth > 1 => open.push((path, depth - 1)),
                Place::Folder(_) => {}
                Place::File(_) => paths.push(path),
            }
        }
    }
    paths.sort();
    let is_example =
        |path: &str| path.rsplit_once('/').is_some_and(|(folder, _)| paths.contains(&format!("{folder}.yaml")));
    let mut files = Vec::new();
    let is_policy = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "yaml");
    for path in paths.iter().filter(|path| is_policy(path) && !is_example(path)) {
        let source = sources.read(path).map_err(|error| cannot(error.problem))?;
        files.push(PolicyFile::at(path, source));
    }
    if files.is_empty() {
        Err(format!("there is no policy in `{folder}`; policy files end in `.yaml`"))
    } else {
        Ok(files)
    }
}

/// The policy files of a folder, each with its path: `<category>/<id>.yaml`, or `<id>.yaml` in the folder
/// itself. A folder beside a policy and of the same name holds its examples, not more policies.
///
/// # Errors
/// When a file or the folder can't be read, or it holds no policy: a message for whoever named it.
pub fn policies_of(folder: &Path, sources: &Sources) -> Result<Vec<(PathBuf, PolicyFile)>, String> {
    let given = folder.to_string_lossy();
    let cannot = |problem: &dyn std::fmt::Display| format!("folder of policies `{given}` cannot be read: {problem}");
    let paths = files_below(folder, POLICY_DEPTH).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => cannot(&"there is no such folder"),
        kind => cannot(&kind),
    })?;
    let is_example = |path: &Path| {
        let policy = path.parent().map(|folder| folder.with_added_extension("yaml"));
        policy.is_some_and(|policy| paths.iter().any(|(path, _)| *path == policy))
    };
    let mut files = Vec::new();
    for (path, name) in &paths {
        if path.extension().is_some_and(|ending| ending == "yaml") && !is_example(path) {
            let source = sources.read_given(path, name).map_err(|error| cannot(&error.problem))?;
            files.push((path.clone(), PolicyFile::at(name, source)));
        }
    }
    if files.is_empty() {
        return Err(format!("there is no policy in `{given}`; policy files end in `.yaml`"));
    }
    Ok(files)
}
