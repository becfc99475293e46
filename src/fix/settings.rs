//! How waits are written: what the config says, or what suits most clusters.

use crate::config::Config;
use crate::config::Setting;
use crate::yaml::Node;

/// How waits are written.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// The image, which needs a shell and BusyBox' `nc`.
    pub image: &'a str,
    /// How long is waited before the container fails, in seconds.
    pub timeout: u64,
    /// How long one try may take, in seconds.
    pub try_timeout: u64,
    /// How long is slept between two tries, in seconds.
    pub pause: u64,
    /// The `resources` of the container, in place of the usual.
    pub resources: Option<Node<'a>>,
    /// Its `securityContext`, in place of one that the restricted profile of PodSecurity lets through.
    pub security_context: Option<Node<'a>>,
    /// The domain of the cluster.
    pub cluster_domain: &'a str,
}

/// The image where nobody names another. Its `nc` knows `-z` and `-w`.
const IMAGE: &str = "busybox:1.37.0";
/// Five minutes: longer than most things take to start, shorter than the ten that a Deployment has to get on.
const TIMEOUT: u64 = 300;
/// One try.
const TRY_TIMEOUT: u64 = 2;
/// Between two tries.
const PAUSE: u64 = 2;

impl<'a> Settings<'a> {
    /// What the config says.
    pub fn of(config: &'a Config) -> Self {
        let fix = &config.fix;
        Self {
            image: fix.image.as_deref().unwrap_or(IMAGE),
            timeout: fix.timeout.unwrap_or(TIMEOUT),
            try_timeout: fix.try_timeout.unwrap_or(TRY_TIMEOUT),
            pause: fix.pause.unwrap_or(PAUSE),
            resources: fix.resources.as_ref().map(Setting::node),
            security_context: fix.security_context.as_ref().map(Setting::node),
            cluster_domain: &config.cluster_domain,
        }
    }
}

/// The usual, for tests.
#[cfg(test)]
pub(super) fn testing() -> Settings<'static> {
    Settings {
        image: IMAGE,
        timeout: TIMEOUT,
        try_timeout: TRY_TIMEOUT,
        pause: PAUSE,
        resources: None,
        security_context: None,
        cluster_domain: "cluster.local",
    }
}
