//! `plimsoll fix`: the diff goes to standard output, so that it can be applied; what it is about, and what was
//! refused, goes to standard error. Files are only written when that was asked for.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::answer::NOTHING_CAME;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::output::Failure;
use crate::cli::run;
use crate::cli::settings::Fix;
use crate::cli::settings::Format;
use crate::cli::settings::From;
use crate::cli::settings::Policies;
use crate::diagnostic::Severity;
use crate::discover::paths;
use crate::fix::Beside;
use crate::fix::FileChange;
use crate::kustomization::FILE_NAMES;
use crate::policy::Policy;
use crate::report;
use crate::source::Sources;

/// Shows what would change, or changes it.
pub(super) fn fix(asked: &Fix) -> Result<Exit, Failure> {
    run::limit_threads(asked.terminal);
    let mut session = run::session(&asked.input, &Policies { also: asked.only.clone(), ..Policies::default() })?;
    let mut request = asked.request.clone();
    if request.choices.is_empty() || !asked.only.is_empty() {
        request.repairs = repairs(&session.policies, &asked.only);
        if request.repairs.is_empty() {
            return Err(Failure::new(format!(
                "no policy of `{}` knows how to mend what it finds",
                asked.only.join("`, `")
            )));
        }
    }
    // With settings that can't be read, something else than was meant would be written.
    if session.diagnostics.iter().any(|problem| problem.severity == Severity::Error) {
        let (diagnostics, sources) = (std::mem::take(&mut session.diagnostics), Arc::clone(session.files.sources()));
        return Ok(run::with_problems(diagnostics, sources, asked.terminal));
    }
    // A stream has no files, so what it lacks is put beside it.
    if asked.output.is_some() || (asked.input.from == From::Stream && !request.choices.is_empty()) {
        let folder = asked.output.as_deref().unwrap_or(Path::new("."));
        request.apart = Some(beside(session.files.sources().root(), folder)?);
    }
    let (proposal, diagnostics) = session.fix(&request);
    if proposal.resources == 0 && diagnostics.is_empty() {
        return Err(Failure::new(match asked.input.from {
            From::Stream => NOTHING_CAME,
            From::Paths(_) => "nothing was found that is deployed: no kustomization, no chart and no manifest",
        }));
    }
    if let Some(unknown) = proposal.unknown.first() {
        let what = format!("there is no `{}` here, and nobody calls it", unknown.told());
        return Err(Failure::new(what));
    }
    match asked.format {
        Format::Human => {
            // Who wants files does not want to read them here.
            if asked.output.is_none() {
                output::print_lines_of_files(&report::diff(&proposal.files))?;
            }
            let remarks = report::proposal(&proposal, &output::standpoint(&proposal.sources));
            for remark in remarks {
                output::remark(&remark);
            }
        }
        Format::Json => {
            output::print(&report::proposal_json(&proposal))?;
        }
    }
    let writes = asked.write || asked.output.is_some();
    if writes {
        let root = proposal.sources.root().ok_or_else(|| Failure::new("a stream can't be written to"))?;
        // What names a new file comes after it, so that nothing is broken by an end in between.
        let rank = |file: &&FileChange| (file.before.is_some(), FILE_NAMES.contains(&paths::name(&file.path)));
        let mut files: Vec<_> = proposal.files.iter().collect();
        files.sort_by_key(rank);
        for file in files {
            write(root, file)?;
        }
    }
    let open = if writes { false } else { !proposal.files.is_empty() };
    let exit = if open || !proposal.refused.is_empty() { Exit::Findings } else { Exit::Clean };
    Ok(exit.max(run::with_problems(diagnostics, proposal.sources, asked.terminal)))
}

/// How a folder, which need not be there, and the root of the repository lead to each other.
fn beside(root: Option<&Path>, folder: &Path) -> Result<Beside, Failure> {
    let cannot = |error: std::io::Error| Failure::new(format!("`{}` can't be written to: {error}", folder.display()));
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
    let text = |path: PathBuf| path.to_string_lossy().replace('\\', "/");
    let root = text(real(root.unwrap_or(Path::new("."))).map_err(cannot)?);
    let folder = text(real(folder).map_err(cannot)?);
    let relative =
        |from: &str, to: &str| Some(paths::relative(from, to)).filter(|path| path != ".").unwrap_or_default();
    Ok(Beside { folder: relative(&root, &folder), to_root: relative(&folder, &root) })
}

/// The policies whose findings are to be mended: those that know how, and were named if any was.
fn repairs(policies: &[Policy], only: &[String]) -> Vec<String> {
    let is_asked =
        |policy: &&Policy| only.is_empty() || only.iter().any(|name| [&policy.id, &policy.category].contains(&name));
    let asked = policies.iter().filter(is_asked).filter(|policy| policy.rule().fixes_safely().is_some());
    asked.map(|policy| policy.id.clone()).collect()
}

/// Puts a text in the place of a file, whole or not at all.
fn write(root: &Path, file: &FileChange) -> Result<(), Failure> {
    let path = root.join(&file.path);
    let cannot = |error: std::io::Error| Failure::new(format!("`{}` can't be written: {error}", file.path));
    let folder = path.parent().unwrap_or(root);
    if file.before.is_none() && path.symlink_metadata().is_ok() {
        let old = Sources::below(folder).map_err(cannot)?;
        // Another run may have come to the same.
        if old.read(paths::name(&file.path)).is_ok_and(|id| old.get(id).text() == file.after) {
            return Ok(());
        }
        return Err(Failure::new(format!("`{}` was not written: there is such a file already", file.path)));
    }
    let now = Sources::below(root).map_err(cannot)?;
    let now = now.read_data(&file.path).ok().map(|id| now.get(id).bytes().to_owned());
    if now.as_deref() != file.before.as_deref().map(str::as_bytes) {
        return Err(Failure::new(format!("`{}` was not written: it has changed in the meantime", file.path)));
    }
    fs::create_dir_all(folder).map_err(cannot)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.plimsoll-{}", std::process::id()));
    let written = fs::File::create_new(&beside).and_then(|mut new| {
        new.write_all(file.after.as_bytes())?;
        if let Ok(old) = fs::metadata(&path) {
            new.set_permissions(old.permissions())?;
        }
        new.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, &path)).map_err(|error| {
        // What was begun is in nobody's way, but should not stay.
        drop(fs::remove_file(&beside));
        cannot(error)
    })
}
