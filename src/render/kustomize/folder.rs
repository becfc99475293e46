//! The folder of a kustomization: what its file says, and how the paths in it are followed.
//!
//! Files must lie in the folder itself unless the user lifts that rule; folders may lie anywhere in the
//! repository, but not around the folders that led to them.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::diagnostic::did_you_mean;
use crate::discover::paths;
use crate::kube::ResourceId;
use crate::kustomization;
use crate::kustomization::FILE_NAMES;
use crate::kustomization::Kustomization;
use crate::kustomization::Remote;
use crate::kustomization::is_remote;
use crate::render::PIPE_IT_IN;
use crate::render::kustomize::Options;
use crate::render::kustomize::Result;
use crate::render::kustomize::clones::Clones;
use crate::render::kustomize::origin::Origin;
use crate::source::OriginMap;
use crate::source::Place;
use crate::source::ReadProblem;
use crate::source::SourceId;
use crate::source::Span;
use crate::yaml::As;
use crate::yaml::Files;
use crate::yaml::Node;
use crate::yaml::Parsed;
use crate::yaml::Reader;
use crate::yaml::parse;
use crate::yaml::spans_of_lines;

/// Kustomizations nested deeper than this are taken for a mistake.
const MAX_NESTING: usize = 64;

/// One folder with a kustomization.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    pub(super) files: &'a Files,
    pub(super) options: Options,
    /// Relative to the root of the repository, links resolved.
    pub(super) path: String,
    /// The path of the kustomization file.
    pub(super) file_path: String,
    file: Arc<Parsed>,
    /// The folders that led here, the innermost last.
    above: Vec<String>,
}

/// Where a build is: a folder, what its file says, and how that is told in annotations if it is.
#[derive(Clone)]
pub(super) struct At<'f> {
    pub(super) folder: &'f Folder<'f>,
    pub(super) view: Kustomization<'f>,
    pub(super) origin: Option<Origin>,
    /// The namespace of the kustomizations that led here, the nearest one's.
    pub(super) above: Option<String>,
}

impl At<'_> {
    /// The namespace that holds here: its own, or that of those that led here.
    pub(super) fn namespace(&self) -> Option<&str> {
        let own = self.view.get("namespace").map(Node::text).filter(|name| !name.is_empty());
        own.or(self.above.as_deref())
    }
}

impl<'a> Folder<'a> {
    /// The folder whose kustomization is the target of a build.
    pub(super) fn top(path: &str, files: &'a Files, options: Options) -> Result<Self> {
        Self::open(path, Vec::new(), None, files, options)
    }

    /// Opens the folder at `path`. `asked` is the entry that names it.
    fn open(path: &str, above: Vec<String>, asked: Option<Span>, files: &'a Files, options: Options) -> Result<Self> {
        let is_there = |name: &&str| files.sources().locate(&paths::inside(path, name)).is_ok();
        let there: Vec<&str> = FILE_NAMES.iter().filter(|name| is_there(name)).copied().collect();
        let Some(name) = there.first() else {
            let what = format!("there is no kustomization in `{}`", paths::shown(path));
            let span = asked.unwrap_or_else(|| Span::whole(files.sources().add_named(path)));
            let help =
                format!("a folder needs one of the files {}", FILE_NAMES.map(|name| format!("`{name}`")).join(", "));
            return Err(Diagnostic::error("missing-kustomization", span, what).help(help).into());
        };
        let file_path = paths::inside(path, name);
        let file = files.parsed_as_it_ends(&file_path)?;
        let folder = Self { files, options, path: path.to_owned(), file_path, file, above };
        if let [first, second, ..] = there.as_slice() {
            let what = format!("this folder holds both `{first}` and `{second}`, and kustomize takes only one");
            let problem = Diagnostic::error("several-kustomizations", folder.span(), what);
            return Err(problem.help("remove one of them").into());
        }
        let refused = || folder.file.refused(As::Settings);
        if let Some(problem) = folder.file.diagnostics.first().cloned().or_else(refused) {
            return Err(problem.into());
        }
        Ok(folder)
    }

    /// Whether some of these folders are, or lie around, one that led here.
    pub(super) fn lies_in(&self, folders: &BTreeSet<String>) -> bool {
        folders.iter().any(|folder| leads_back(&self.above, folder).is_some())
    }

    /// Opens the folder that an entry names.
    pub(super) fn child(&self, entry: Node<'_>, path: &str) -> Result<Self> {
        let mut above = self.above.clone();
        above.push(self.path.clone());
        if let Some(visited) = leads_back(&above, path) {
            let what = format!("this leads back to `{}`, so the build would never end", paths::shown(visited));
            let help = "a base may be neither a folder that uses it nor one around such a folder";
            return Err(Diagnostic::error("kustomization-cycle", entry.span(), what).help(help).into());
        }
        if above.len() > MAX_NESTING {
            let what = format!("kustomizations are nested more than {MAX_NESTING} deep");
            return Err(Diagnostic::error("kustomization-too-deep", entry.span(), what).into());
        }
        // In a clone, files are only ever read where they belong.
        let files_anywhere = self.options.files_anywhere && self.files.sources().mount_of(path).is_none();
        let options = Options { files_anywhere, ..self.options };
        Self::open(path, above, Some(entry.span()), self.files, options)
    }

    /// What its file says, once kustomize has nothing against it. Of several problems all but the first go
    /// to `more`.
    pub(super) fn checked(&self, more: &mut Vec<Diagnostic>) -> Result<Kustomization<'_>> {
        let source = self.files.sources().read(&self.file_path).map_err(Diagnostic::from)?;
        let problems = kustomization::check(&self.file, source, self.options.version);
        first_of(problems, more)?;
        Kustomization::of(&self.file).ok_or_else(|| {
            Diagnostic::error("bad-kustomization", self.span(), "this is an object of Flux and no kustomization").into()
        })
    }

    /// The first text of its file, which stands for the whole of it.
    pub(super) fn span(&self) -> Span {
        match self.file.documents.first() {
            Some(document) => {
                let root = self.file.tree.node(document.root);
                root.fields().next().map_or(root, |(key, _)| key).span()
            }
            None => self.files.sources().read(&self.file_path).map_or_else(|error| error.span, Span::whole),
        }
    }

    /// What its file is in answers about it.
    pub(super) fn id(&self) -> ResourceId {
        ResourceId {
            api_version: "kustomize.config.k8s.io/v1beta1".to_owned(),
            kind: "Kustomization".to_owned(),
            namespace: None,
            name: paths::shown(&self.path).to_owned(),
        }
    }

    /// The name of the kustomization file.
    pub(super) fn file_name(&self) -> &str {
        paths::name(&self.file_path)
    }

    /// What an entry of `resources` or `components` leads to, which may be a folder of another repository.
    pub(super) fn locate_base(&self, entry: Node<'_>, clones: Option<&Clones>) -> Result<Place> {
        let text = entry.text();
        if !is_remote(text) {
            return self.locate(entry, text);
        }
        let is_file = paths::is_yaml_or_json(text.split('?').next().unwrap_or(text));
        let remote = Remote::of(text).filter(|_| !is_file);
        let Some(clones) = clones else {
            let help = match remote {
                Some(_) => format!("pass `--allow-remote` to fetch it with the `git` program, or {PIPE_IT_IN}"),
                None => PIPE_IT_IN.to_owned(),
            };
            return Err(Box::new(not_fetched(entry).help(help)));
        };
        let Some(remote) = remote else {
            let what = format!("`{text}` is no git repository, and files are not fetched from elsewhere");
            let help = "put the file into the repository, or name the git repository that it is in";
            return Err(Diagnostic::error("remote-resource", entry.span(), what).help(help).into());
        };
        let failed = |reason: String| {
            let what = format!("`{text}` could not be fetched: {reason}");
            Box::new(Diagnostic::error("remote-resource", entry.span(), what))
        };
        let name = clones.get(&remote, self.files.sources()).map_err(failed)?;
        let path = paths::join(&name, &remote.path).unwrap_or(name);
        self.files.sources().locate(&path).map_err(|problem| {
            let what = format!("`{}` is not in the repository: {problem}", remote.path);
            Diagnostic::error("unreadable-file", entry.span(), what).into()
        })
    }

    /// What the path of an entry leads to.
    pub(super) fn locate(&self, entry: Node<'_>, text: &str) -> Result<Place> {
        if is_remote(text) {
            return Err(Box::new(not_fetched(entry).help(PIPE_IT_IN)));
        }
        let sources = self.files.sources();
        let stays = |path: &String| sources.mount_of(path) == sources.mount_of(&self.path);
        let below_root =
            sources.root().and_then(Path::to_str).and_then(|root| text.strip_prefix(root)?.strip_prefix('/'));
        let joined = below_root.map_or_else(|| paths::join(&self.path, text), |path| paths::join("", path));
        let Some(path) = joined.filter(stays) else {
            let what = format!("`{text}` leads out of the repository");
            let help =
                "a repository starts at the nearest folder with `.git` or `plimsoll.yaml`, or else at the one given";
            return Err(Diagnostic::error("outside-repository", entry.span(), what).help(help).into());
        };
        let place = self.place(entry, text, &path)?;
        if below_root.is_some() && matches!(place, Place::Folder(_)) {
            let what = format!("`{text}` is a folder, and kustomize takes absolute paths only to files");
            let help = "say how to get there from the folder of this kustomization";
            return Err(Diagnostic::error("absolute-path", entry.span(), what).help(help).into());
        }
        Ok(place)
    }

    /// What is at a path, which an entry calls `text`.
    fn place(&self, entry: Node<'_>, text: &str, path: &str) -> Result<Place> {
        self.files.sources().locate(path).map_err(|problem| {
            let what = format!("`{text}` cannot be read: {problem}");
            let error = Diagnostic::error("unreadable-file", entry.span(), what);
            let beside = self.files.sources().list(paths::folder(path)).unwrap_or_default();
            let meant = did_you_mean(paths::name(path), beside.iter().map(|item| item.name.as_str()));
            match meant.filter(|_| matches!(problem, ReadProblem::NotFound)) {
                Some(meant) => Box::new(error.help(format!("did you mean `{meant}`?"))),
                None => Box::new(error),
            }
        })
    }

    /// The file that an entry names, which must lie in this folder unless that is not asked for.
    pub(super) fn data_path(&self, entry: Node<'_>, text: &str) -> Result<String> {
        let place = self.locate(entry, text)?;
        self.allowed(entry, text, place)
    }

    /// The path of a file that an entry leads to, if it may be read.
    fn allowed(&self, entry: Node<'_>, text: &str, place: Place) -> Result<String> {
        match place {
            Place::Folder(_) => {
                let what = format!("`{text}` is a folder, and a file is needed here");
                Err(Diagnostic::error("unreadable-file", entry.span(), what).into())
            }
            Place::File(path) if self.options.files_anywhere || paths::below(&path, &self.path).is_some() => Ok(path),
            Place::File(path) => {
                let what =
                    format!("`{path}` lies outside of the folder `{}` of this kustomization", paths::shown(&self.path));
                let help = "kustomize reads files only there: move it, make its folder a base, or lift the rule with \
                            `--load-restrictor LoadRestrictionsNone`";
                Err(Diagnostic::error("outside-kustomization", entry.span(), what).help(help).into())
            }
        }
    }

    /// Where a path that [`Self::locate`] gave is in the file system, for programs that read it themselves.
    pub(super) fn real(&self, path: &str) -> Result<PathBuf> {
        let source = || Span::whole(self.files.sources().add_named(path));
        let told = |problem| Diagnostic::error("unreadable-file", source(), format!("this cannot be read: {problem}"));
        self.files.sources().real(path).map_err(|problem| told(problem).into())
    }

    /// A file of resources, patches or settings that an entry names.
    pub(super) fn parsed(&self, entry: Node<'_>, text: &str) -> Result<Arc<Parsed>> {
        let path = self.data_path(entry, text)?;
        self.files.parsed_as(&path, Reader::Kustomize)
    }

    /// The file that an entry was found to lead to, as [`Self::parsed`] gives it; `once` if nobody else is likely to
    /// ask for it.
    pub(super) fn parsed_at(&self, entry: Node<'_>, text: &str, path: String, once: bool) -> Result<Arc<Parsed>> {
        let path = self.allowed(entry, text, Place::File(path))?;
        if once {
            self.files.parsed_once(&path, Reader::Kustomize)
        } else {
            self.files.parsed_as(&path, Reader::Kustomize)
        }
    }

    /// The text of a file that an entry names.
    pub(super) fn source(&self, entry: Node<'_>, text: &str) -> Result<SourceId> {
        let path = self.data_path(entry, text)?;
        self.files.sources().read(&path).map_err(|error| Box::new(error.into()))
    }

    /// The bytes of a file that an entry names, as [`crate::source::Sources::read_data`] gives them.
    pub(super) fn data(&self, entry: Node<'_>, text: &str) -> Result<SourceId> {
        let path = self.data_path(entry, text)?;
        self.files.sources().read_data(&path).map_err(|error| Box::new(error.into()))
    }

    /// A text of its own that stands in a scalar, such as an inline patch. Space around it is no part of it.
    pub(super) fn inline(&self, scalar: Node<'_>, name: &str) -> SourceId {
        let text = scalar.text();
        let start = text.len() - text.trim_start().len();
        let text = text.trim();
        let offset = |at: usize| u32::try_from(at).expect("a source is shorter than 4 GiB");
        let mut origins = OriginMap::default();
        for (range, span) in spans_of_lines(scalar) {
            let skipped = start.saturating_sub(range.start).min(range.len());
            let first = range.start + skipped - start.min(range.start + skipped);
            let end = range.end.saturating_sub(start).min(text.len());
            if first < end {
                let span = Span { start: span.end.min(span.start + offset(skipped)), ..span };
                origins.push(offset(first), offset(end), span);
            }
        }
        self.files.sources().add_made(name, text, origins)
    }

    /// Parses a text that [`Self::inline`] or [`Self::source`] gave.
    pub(super) fn parse(&self, source: SourceId) -> Arc<Parsed> {
        Arc::new(parse(self.files.sources(), source, Reader::Kustomize))
    }
}

/// The first of some problems as the one that ends the build; the others go to `more`.
pub(super) fn first_of(problems: Vec<Diagnostic>, more: &mut Vec<Diagnostic>) -> Result<()> {
    let mut problems = problems.into_iter();
    let first = problems.next();
    more.extend(problems);
    first.map_or(Ok(()), |problem| Err(Box::new(problem)))
}

/// The innermost of the folders `above` that is the one at `path` or lies in it.
fn leads_back<'f>(above: &'f [String], path: &str) -> Option<&'f String> {
    above.iter().rev().find(|visited| paths::below(visited, path).is_some() || *visited == path)
}

/// What is said of an entry that leads to another repository, or to a file elsewhere.
fn not_fetched(entry: Node<'_>) -> Diagnostic {
    let what =
        format!("`{}` is not in this repository and is not fetched, so the target was not checked", entry.text());
    Diagnostic::error("remote-resource", entry.span(), what)
}
