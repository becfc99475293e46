//! What a script does when it is run again and again.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

/// A shell with its programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    Dash,
    BusyBox,
}

impl Shell {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dash => "dash",
            Self::BusyBox => "busybox",
        }
    }

    /// An image that has it.
    pub(crate) fn image(self) -> &'static str {
        match self {
            Self::Dash => "debian:12",
            Self::BusyBox => "busybox:1.35",
        }
    }

    pub(crate) fn is_here(self) -> bool {
        let check = match self {
            Self::Dash => Command::new("dash").args(["-c", "cp --version | grep -q GNU"]).status(),
            Self::BusyBox => Command::new("busybox").arg("true").status(),
        };
        check.is_ok_and(|status| status.success())
    }
}

/// How the second and third run went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Happened {
    Same,
    Changes,
    Fails,
    FailsFirst,
}

/// A place where scripts run.
pub(crate) struct Bench {
    shell: Shell,
    base: PathBuf,
}

impl Bench {
    pub(crate) fn new(shell: Shell) -> Self {
        let name = format!("effects-{}-{}", shell.name(), std::process::id());
        let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&base);
        fs::create_dir_all(base.join("bin")).unwrap();
        make_source(&base.join("src"));
        let mut packed = Command::new("tar");
        packed.arg("cf").arg(base.join("a.tar")).arg("-C").arg(base.join("src")).arg("conf.d");
        assert!(packed.status().unwrap().success());
        if shell == Shell::BusyBox {
            let installed = Command::new("busybox").args(["--install", "-s"]).arg(base.join("bin")).status();
            assert!(installed.unwrap().success());
        }
        Self { shell, base }
    }

    /// Runs a script three times.
    pub(crate) fn happened(&self, script: &str) -> Happened {
        let path = |name: &str| self.base.join(name).to_str().unwrap().to_owned();
        let script = script.replace("$V", &path("volume")).replace("/src", &path("src"));
        fs::create_dir_all(self.base.join("volume")).unwrap();
        let mut states = Vec::new();
        let mut happened = Happened::Same;
        for run in 0..3 {
            let root = self.base.join("root");
            fs::create_dir_all(&root).unwrap();
            // What is of the image is as it was, whatever was written through links.
            fs::remove_dir_all(self.base.join("src")).unwrap();
            make_source(&self.base.join("src"));
            fs::copy(self.base.join("a.tar"), self.base.join("src/a.tar")).unwrap();
            let succeeds = run_once(&script, self.shell, &self.base, &root);
            fs::remove_dir_all(&root).unwrap();
            if !succeeds {
                happened = if run == 0 { Happened::FailsFirst } else { Happened::Fails };
                break;
            }
            states.push(state(&self.base.join("volume")));
        }
        if happened == Happened::Same && states.windows(2).any(|two| two[0] != two[1]) {
            happened = Happened::Changes;
        }
        fs::remove_dir_all(self.base.join("volume")).unwrap();
        happened
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.base);
    }
}

fn make_source(source: &Path) {
    fs::create_dir_all(source.join("conf.d")).unwrap();
    let files =
        [("app.conf", "one\nkey=1\n"), ("b.conf", "b\n"), ("conf.d/x.conf", "x\n"), ("conf.d/y.conf", "one y\n")];
    for (name, text) in files {
        fs::write(source.join(name), text).unwrap();
    }
    for name in ["app.conf", "b.conf", "conf.d/x.conf", "conf.d/y.conf", "conf.d"] {
        fs::File::open(source.join(name)).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    }
}

fn run_once(script: &str, shell: Shell, base: &Path, root: &Path) -> bool {
    let mut command = match shell {
        Shell::Dash => Command::new("dash"),
        Shell::BusyBox => {
            let mut command = Command::new("busybox");
            command.arg("sh").env("PATH", base.join("bin"));
            command
        }
    };
    // A pipe that nobody reads from would be waited for.
    let limited = format!("ulimit -t 5\n{script}");
    command.arg("-c").arg(limited).current_dir(root);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    for _ in 0..2000 {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

/// All that is in a folder: files with their texts, links with their targets.
fn state(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut state = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let text = if kind.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else if kind.is_symlink() {
                format!("link {}", fs::read_link(&path).unwrap().display())
            } else if kind.is_file() {
                // The header of gzip has the time of the file.
                let bytes = fs::read(&path).unwrap();
                let is_packed = bytes.starts_with(&[0x1f, 0x8b]);
                format!("file {:?}", if is_packed { &bytes[8..] } else { &bytes[..] })
            } else {
                "special".to_owned()
            };
            state.insert(path, text);
        }
    }
    state
}
