//! What waits run: they ask again and again for a bounded time, in a shell that any image has.
//!
//! A Service is asked by its full name, so that no search list of the pod is gone through. Each try has an end, all
//! tries together have one, and what is waited for is said.

use std::fmt::Write;

use crate::config::Check;
use crate::fix::Settings;
use crate::fix::workload::Wait;

/// A script for POSIX shells that waits for all of these for so many seconds. `variable` is one that holds the
/// namespace of the pod.
pub(super) fn script(waits: &[&Wait], variable: &str, seconds: u64, settings: &Settings<'_>) -> String {
    let pause = settings.pause;
    let mut script = format!("end=$(($(date +%s) + {seconds}))\n");
    if let [wait] = waits {
        let (address, asked) = (address(wait, variable, settings), asked(wait, variable, settings));
        let _ = write!(
            script,
            "\
until {asked}; do
  if [ \"$(date +%s)\" -ge \"$end\" ]; then
    echo \"{address} has not answered within {seconds} seconds\" >&2
    exit 1
  fi
  echo \"waiting for {address}\"
  sleep {pause}
done
"
        );
        return script;
    }
    let _ = write!(
        script,
        "\
again() {{
  if [ \"$(date +%s)\" -ge \"$end\" ]; then
    echo \"$1 has not answered, and {seconds} seconds are over\" >&2
    exit 1
  fi
  echo \"waiting for $1\"
  sleep {pause}
}}
"
    );
    for wait in waits {
        let (address, asked) = (address(wait, variable, settings), asked(wait, variable, settings));
        let _ = write!(script, "until {asked}; do\n  again \"{address}\"\ndone\n");
    }
    script
}

/// The Service and its port.
fn address(wait: &Wait, variable: &str, settings: &Settings<'_>) -> String {
    format!("{}:{}", host(wait, variable, settings), wait.port)
}

fn host(wait: &Wait, variable: &str, settings: &Settings<'_>) -> String {
    let namespace = wait.namespace.clone().unwrap_or_else(|| format!("${variable}"));
    format!("{}.{namespace}.svc.{}", wait.service, settings.cluster_domain)
}

/// The command that succeeds once the Service is there.
fn asked(wait: &Wait, variable: &str, settings: &Settings<'_>) -> String {
    let (host, port, limit) = (host(wait, variable, settings), wait.port, settings.try_timeout);
    match &wait.check {
        Check::Tcp => format!("nc -z -w {limit} \"{host}\" {port}"),
        Check::Http(path) => {
            let path = path.as_deref().unwrap_or("/");
            format!("wget -q -O /dev/null -T {limit} \"http://{host}:{port}{path}\"")
        }
        Check::Postgres => format!("pg_isready -q -h \"{host}\" -p {port} -t {limit}"),
        // Whoever asks for a password is there, and whoever still loads is not.
        Check::Redis => {
            format!("timeout {limit} redis-cli -h \"{host}\" -p {port} ping 2>&1 | grep -Eq 'PONG|NOAUTH'")
        }
    }
}
