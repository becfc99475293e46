//! Remote bases: repositories fetched by the `git` program, each commit once, into a folder that outlives the run.
//!
//! A clone is read like the repository itself, under a name of its own, and nothing in it leads out of it. What is
//! in it is never run.

use std::collections::HashMap;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use sha2::Digest;
use sha2::Sha256;

use crate::kustomization::Remote;
use crate::source::Scratch;
use crate::source::Sources;

/// How often it is looked whether git is done.
const PAUSE: Duration = Duration::from_millis(10);

/// The transports that a repository may come by.
const PROTOCOLS: &str = "https:http:ssh:git:file";

/// The clones of a run.
#[derive(Debug)]
pub(super) struct Clones {
    cache: PathBuf,
    /// By the name of each: whether it is there, or why it is not.
    known: Mutex<HashMap<String, Result<(), String>>>,
}

impl Clones {
    /// None yet; what was fetched by earlier runs is below `cache`.
    pub(super) fn new(cache: PathBuf) -> Self {
        Self { cache, known: Mutex::default() }
    }

    /// Makes the files of a repository readable, and says what their paths start with.
    pub(super) fn get(&self, remote: &Remote, sources: &Sources) -> Result<String, String> {
        let name = remote.name();
        // Others wait meanwhile: what they want is most often the same.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let fetched = known.entry(name.clone()).or_insert_with(|| {
            let folder = self.fetch(remote)?;
            sources.mount(&name, &folder).map_err(|error| format!("the clone cannot be read: {error}"))
        });
        fetched.clone().map(|()| name)
    }

    /// The folder with the commit that a reference means now.
    fn fetch(&self, remote: &Remote) -> Result<PathBuf, String> {
        let reference = remote.reference.as_deref().unwrap_or("HEAD");
        if reference.starts_with('-') || reference.contains("..") || remote.repository.starts_with('-') {
            return Err(format!("`{reference}` is no name of a branch, tag or commit"));
        }
        let git = Git { until: Instant::now() + remote.timeout, timeout: remote.timeout };
        let digest = Sha256::digest(format!("{} {}", remote.repository, remote.submodules));
        let start: [u8; 8] = std::array::from_fn(|index| digest[index]);
        let all = self.cache.join(format!("{:016x}", u64::from_be_bytes(start)));
        let commit = if is_commit(reference) { reference.to_owned() } else { git.commit_of(remote, reference)? };
        let folder = all.join(&commit);
        if folder.is_dir() {
            return Ok(folder);
        }
        let cannot = |error: io::Error| format!("the cache `{}` cannot be written: {error}", self.cache.display());
        let unfinished = Scratch::below(&all).map_err(cannot)?;
        git.clone_into(unfinished.path(), remote, reference)?;
        unfinished.keep_as(&folder).map_err(cannot)?;
        Ok(folder)
    }
}

fn is_commit(reference: &str) -> bool {
    matches!(reference.len(), 40 | 64) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The program, and how long it may take in all.
struct Git {
    until: Instant,
    timeout: Duration,
}

impl Git {
    /// The commit that a name means in a repository, as `git fetch` understands it.
    fn commit_of(&self, remote: &Remote, reference: &str) -> Result<String, String> {
        let listed = self.run(Path::new("."), &["ls-remote", "--", &remote.repository, reference])?;
        let peeled =
            self.run(Path::new("."), &["ls-remote", "--", &remote.repository, &format!("{reference}^{{}}")])?;
        let lines = || listed.lines().chain(peeled.lines()).filter_map(|line| line.split_once('\t'));
        let rules = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let found = rules.iter().find_map(|rule| {
            let name = format!("{rule}{reference}");
            let commit = |wanted: &str| lines().find(|(_, name)| *name == wanted).map(|(commit, _)| commit.to_owned());
            commit(&format!("{name}^{{}}")).or_else(|| commit(&name))
        });
        found.filter(|commit| is_commit(commit)).ok_or_else(|| format!("the repository has no `{reference}`"))
    }

    fn clone_into(&self, folder: &Path, remote: &Remote, reference: &str) -> Result<(), String> {
        self.run(folder, &["init", "--quiet", "--template="])?;
        self.run(folder, &["remote", "add", "--", "origin", &remote.repository])?;
        self.run(folder, &["fetch", "--quiet", "--depth=1", "--no-tags", "--", &remote.repository, reference])?;
        self.run(folder, &["checkout", "--quiet", "--detach", "FETCH_HEAD"])?;
        if remote.submodules {
            self.run(folder, &["submodule", "update", "--init", "--recursive", "--depth=1"])?;
        }
        Ok(())
    }

    /// Runs git in a folder, and gives what it prints.
    fn run(&self, folder: &Path, arguments: &[&str]) -> Result<String, String> {
        let mut child = Command::new("git")
            .args(["-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"])
            .args(arguments)
            .current_dir(folder)
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ALLOW_PROTOCOL", PROTOCOLS)
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the `git` program cannot be run: {error}"))?;
        let (answer, complaint) = (gathered(child.stdout.take()), gathered(child.stderr.take()));
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if Instant::now() < self.until => thread::sleep(PAUSE),
                Ok(None) => {
                    drop(child.kill());
                    drop(child.wait());
                    return Err(format!("git was not done after {} s", self.timeout.as_secs_f64()));
                }
                Err(error) => return Err(format!("the `git` program cannot be waited for: {error}")),
            }
        };
        let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
        if status.success() { Ok(text(answer)) } else { Err(first_line(&text(complaint))) }
    }
}

/// What git complains of first; what follows is advice.
fn first_line(complaint: &str) -> String {
    complaint.lines().find(|line| !line.trim().is_empty()).unwrap_or("git failed").trim().to_owned()
}

/// What comes out of a pipe, read beside everything else so that it never fills up.
fn gathered(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is still worth telling.
            drop(pipe.read_to_end(&mut bytes));
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
