//! A workload and the waits that it lacks or has in vain, and the time that they have.

use crate::config::Check;
use crate::fix::Settings;
use crate::fix::needs::items;
use crate::kube::job_path;
use crate::render::Resource;
use crate::source::Span;
use crate::yaml::Node;

/// A wait for a Service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Wait {
    /// Its name.
    pub(super) service: String,
    /// Its namespace; none for that of the pod, where nobody knows which one that will be.
    pub(super) namespace: Option<String>,
    /// Whether that is the namespace of the pod.
    pub(super) is_near: bool,
    /// The port to ask, by number.
    pub(super) port: u16,
    /// What it is asked.
    pub(super) check: Check,
}

/// A workload of a target, and the waits that it lacks.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    /// The place of the target among those that were built.
    pub(super) target: usize,
    /// The place of the resource in the target.
    pub(super) resource: usize,
    pub(super) waits: Vec<Wait>,
    /// Where the Service of each is named.
    pub(super) spans: Vec<Span>,
    /// How long they may take.
    pub(super) time: Time,
}

/// The time that the new waits of a pod have.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Time {
    /// All of it.
    pub(super) seconds: u64,
    /// How many containers that are not meant share it.
    pub(super) others: u64,
}

impl Time {
    /// What each of some containers has of it.
    pub(super) fn each(self, count: usize) -> u64 {
        (self.seconds / (count as u64 + self.others).max(1)).max(1)
    }

    /// What the deadline of a resource leaves beside the waits that its pod has already.
    pub(super) fn of(resource: &Resource, facts: Node<'_>, settings: &Settings<'_>) -> Self {
        let number = |node: Option<Node<'_>>| node.and_then(|node| node.text().parse::<u64>().ok());
        let job = job_path(resource.id.group(), &resource.id.kind).and_then(|path| resource.node().at_path(path));
        let deadline = match job {
            Some(job) => number(job.get("activeDeadlineSeconds")),
            None if resource.id.kind == "Deployment" => {
                number(resource.node().at_path(&["spec", "progressDeadlineSeconds"])).or(Some(PROGRESS_DEADLINE))
            }
            None => None,
        };
        let taken: u64 = items(facts, "waiting").filter_map(|fact| number(fact.get("seconds"))).sum();
        let left = deadline.map(|deadline| deadline.saturating_sub(taken + REST)).filter(|left| *left >= REST);
        Self { seconds: left.map_or(settings.timeout, |left| left.min(settings.timeout)), others: 0 }
    }
}

/// When a Deployment is reported as failed, if it does not say.
const PROGRESS_DEADLINE: u64 = 600;

/// The seconds that waits leave of a deadline: for their last tries, and the start of the app. Who has no more than
/// that for them has too little.
const REST: u64 = 20;

impl Workload {
    pub(super) fn of(target: usize, resource: usize, waits: Vec<Wait>, spans: Vec<Span>) -> Self {
        Self { target, resource, waits, spans, time: Time::default() }
    }
}

/// An init container that is there to wait, and does not, or for ever.
#[derive(Clone, Debug)]
pub(super) struct Mending {
    /// Whom it is to wait for, and in which pod.
    pub(super) user: Workload,
    /// Its name.
    pub(super) container: String,
    /// The image that it needs, if its own does not do.
    pub(super) image: Option<String>,
    /// The variable with the namespace of the pod that it has.
    pub(super) variable: Option<String>,
}
