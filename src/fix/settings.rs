//! How waits are written: what the config says, or what suits most clusters.

use std::collections::BTreeMap;

use crate::config::Check;
use crate::config::Config;
use crate::config::Setting;
use crate::fix::Checks;
use crate::fix::Request;
use crate::yaml::Node;

/// How waits are written.
#[derive(Clone, Debug)]
pub struct Settings<'a> {
    /// The image, which needs a shell and BusyBox' `nc`.
    pub image: &'a str,
    /// The image with `pg_isready`.
    pub postgres_image: &'a str,
    /// The image with `redis-cli`.
    pub redis_image: &'a str,
    /// What Services are asked.
    pub checks: Checks,
    /// What Services are asked by the config, by their name or port.
    pub told: Option<&'a BTreeMap<String, Check>>,
    /// The folder of Components with waits.
    pub component: Option<&'a str>,
    /// Whether each wait has an init container of its own.
    pub is_each_alone: bool,
    /// How long the new init containers of a pod wait before one of them fails, in seconds.
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
/// The client of PostgreSQL.
const POSTGRES: &str = "postgres:17-alpine";
/// The client of Redis.
const REDIS: &str = "redis:7-alpine";
/// By which protocol somebody is spoken to who listens on a port.
const PORTS: [(u16, Check); 2] = [(5432, Check::Postgres), (6379, Check::Redis)];
/// Five minutes: longer than most things take to start, shorter than the ten that a Deployment has to get on.
const TIMEOUT: u64 = 300;
/// One try.
const TRY_TIMEOUT: u64 = 2;
/// Between two tries.
const PAUSE: u64 = 2;

impl<'a> Settings<'a> {
    /// What the config says, as far as the request does not say otherwise.
    pub fn of(config: &'a Config, request: &'a Request) -> Self {
        let fix = &config.fix;
        let image = |name: &str, usual: &'static str| fix.images.get(name).map_or(usual, String::as_str);
        Self {
            image: fix.image.as_deref().unwrap_or(IMAGE),
            postgres_image: image("postgres", POSTGRES),
            redis_image: image("redis", REDIS),
            checks: request.checks.clone(),
            told: Some(&fix.checks),
            component: request.component.as_deref().or(fix.component.as_deref()),
            is_each_alone: request.is_each_alone.or(fix.is_each_alone).unwrap_or(false),
            timeout: fix.timeout.unwrap_or(TIMEOUT),
            try_timeout: fix.try_timeout.unwrap_or(TRY_TIMEOUT),
            pause: fix.pause.unwrap_or(PAUSE),
            resources: fix.resources.as_ref().map(Setting::node),
            security_context: fix.security_context.as_ref().map(Setting::node),
            cluster_domain: &config.cluster_domain,
        }
    }

    /// What a Service is asked on a port.
    pub(super) fn check(&self, service: &str, port: u16) -> Check {
        let of_port = || PORTS.iter().find(|(own, _)| *own == port).map(|(_, check)| check.clone());
        let told = || {
            let told = self.told?;
            told.get(service).or_else(|| told.get(&port.to_string())).cloned()
        };
        match &self.checks {
            Checks::AsTold => told().unwrap_or_default(),
            Checks::ByPort => told().or_else(of_port).unwrap_or_default(),
            Checks::All(check) => check.clone(),
        }
    }

    /// The image of a container that asks so.
    pub(super) fn image(&self, check: &Check) -> &'a str {
        match check {
            Check::Tcp | Check::Http(_) => self.image,
            Check::Postgres => self.postgres_image,
            Check::Redis => self.redis_image,
        }
    }
}

/// The usual, for tests.
#[cfg(test)]
pub(super) fn testing() -> Settings<'static> {
    Settings {
        image: IMAGE,
        postgres_image: POSTGRES,
        redis_image: REDIS,
        checks: Checks::AsTold,
        told: None,
        component: None,
        is_each_alone: false,
        timeout: TIMEOUT,
        try_timeout: TRY_TIMEOUT,
        pause: PAUSE,
        resources: None,
        security_context: None,
        cluster_domain: "cluster.local",
    }
}
