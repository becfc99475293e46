//! A sign of life on standard error while work takes long, for people only.

use std::io;
use std::io::IsTerminal;
use std::io::Write;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::thread::JoinHandle;
use std::time::Duration;

/// How long work may take in silence.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs `work`; says `doing` on a terminal if that takes long, and takes it back at the end.
pub(super) fn during<T>(doing: &'static str, work: impl FnOnce() -> T) -> T {
    let sign = io::stderr().is_terminal().then(|| Sign::after(PATIENCE, doing, io::stderr()));
    let done = work();
    drop(sign);
    done
}

/// A line that appears after a while and is gone when this is dropped.
struct Sign {
    /// Dropped to say that the work is done.
    working: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sign {
    fn after(patience: Duration, doing: &'static str, mut to: impl Write + Send + 'static) -> Self {
        let (working, done) = mpsc::channel::<()>();
        // What cannot be written to a closed terminal is not missed by anybody.
        let thread = std::thread::spawn(move || {
            if done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                drop(write!(to, "{doing} …").and_then(|()| to.flush()));
                let _ = done.recv();
                drop(write!(to, "\r\u{1b}[2K").and_then(|()| to.flush()));
            }
        });
        Self { working: Some(working), thread: Some(thread) }
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        self.working.take();
        if let Some(thread) = self.thread.take() {
            // The thread only writes, and a panic of it concerns no result.
            drop(thread.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::io::Write;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::Sign;

    /// Sends what is written to it.
    struct Written(mpsc::Sender<String>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8_lossy(bytes).into_owned()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn short_work_leaves_no_trace() {
        let (sender, written) = mpsc::channel();
        drop(Sign::after(Duration::MAX, "checking", Written(sender)));
        assert_eq!(written.iter().collect::<String>(), "");
    }

    #[test]
    fn long_work_is_announced_and_the_line_is_cleared() {
        let (sender, written) = mpsc::channel();
        let sign = Sign::after(Duration::ZERO, "checking", Written(sender));
        let first = written.recv().unwrap();
        drop(sign);
        assert_eq!(first + &written.iter().collect::<String>(), "checking …\r\u{1b}[2K");
    }
}
