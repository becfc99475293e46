//! Which object of the target a wait by `kubectl` and its like is for, and whether that stays there once it is done.

use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::nearest;
use crate::kube::ResourceId;
use crate::render::Resource;
use crate::yaml::Node;
use crate::yaml::Scalar;

/// What `kubectl` calls a kind that runs pods, its group, and its name.
const KINDS: &[(&[&str], &str, &str)] = &[
    (&["job", "jobs", "job-wr", "job-we", "jobs.batch", "job.batch"], "batch", "Job"),
    (&["deployment", "deployments", "deploy", "deployment.apps", "deployments.apps"], "apps", "Deployment"),
    (&["statefulset", "statefulsets", "sts", "statefulset.apps", "statefulsets.apps"], "apps", "StatefulSet"),
    (&["daemonset", "daemonsets", "ds", "daemonset.apps", "daemonsets.apps"], "apps", "DaemonSet"),
];

/// The object of the target that is meant, if it has one.
pub(in crate::facts) fn find<'a>(
    around: &Surroundings<'a>,
    namespace: Option<&str>,
    kind: &str,
    name: &str,
) -> Option<&'a Resource> {
    let (group, kind) = kind_of(kind)?;
    let is_it = |other: &&Resource| other.id.kind == kind && other.id.group() == group;
    nearest(namespace, around.named(name).filter(is_it))
}

/// Whether nobody makes such an object, as far as this repository shows: no other target, nothing that deploys more,
/// no custom resource of which it may be a part, and no object that a build has given another name.
pub(super) fn is_missing(around: &Surroundings<'_>, namespace: Option<&str>, kind: &str, name: &str) -> bool {
    let Some((group, kind)) = kind_of(kind) else { return false };
    let is_kind = |other: &Resource| other.id.kind == kind && other.id.group() == group;
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    let has_any = around.pods().iter().any(|(other, _)| is_kind(other) && is_near(namespace, other));
    let is_there = around.named(name).any(|other| is_kind(other) && is_near(namespace, other));
    // A CronJob, or whoever creates them at run time, adds to the name.
    let is_part = |id: &ResourceId| !id.name.is_empty() && (name.contains(id.name.as_str()));
    let is_external = around.config.external_objects.iter().any(|external| {
        external.kind == kind
            && (external.name == "*" || external.name == name)
            && ResourceId::may_share_namespace(namespace, external.namespace.as_deref())
    });
    let is_made = around.deploys_more
        || is_external
        || around.has_unknown_name
        || around.elsewhere.has_object(kind, name, namespace)
        || around.elsewhere.may_be_unbuilt(namespace, name)
        || around.operated.iter().any(|other| is_part(&other.id))
        || around.pods().iter().any(|(other, _)| other.id.kind == "CronJob" && is_part(&other.id));
    has_any && !name.is_empty() && name.bytes().all(is_name) && !is_there && !is_made
}

/// Why an object is not there for long once it is done: `hook`, or how many seconds it stays.
pub(super) enum Fleeting {
    Hook,
    Seconds(u64),
}

/// Whether a Job is deleted once it has succeeded.
pub(super) fn fleeting(job: &Resource) -> Option<Fleeting> {
    const HOOKS: [(&str, &str, &str); 2] = [
        ("helm.sh/hook", "helm.sh/hook-delete-policy", "hook-succeeded"),
        ("argocd.argoproj.io/hook", "argocd.argoproj.io/hook-delete-policy", "HookSucceeded"),
    ];
    if job.id.kind != "Job" {
        return None;
    }
    let annotation = |name: &str| job.node().at_path(&["metadata", "annotations"])?.get(name);
    let is_hook = HOOKS.iter().any(|(hook, policy, succeeded)| {
        let policies = annotation(policy).map(Node::text);
        annotation(hook).is_some() && policies.is_some_and(|all| all.split(',').any(|own| own.trim() == *succeeded))
    });
    if is_hook {
        return Some(Fleeting::Hook);
    }
    match job.node().at_path(&["spec", "ttlSecondsAfterFinished"])?.scalar()? {
        Scalar::Int(seconds) => u64::try_from(seconds).ok().map(Fleeting::Seconds),
        _ => None,
    }
}

fn kind_of(word: &str) -> Option<(&'static str, &'static str)> {
    let word = word.to_ascii_lowercase();
    KINDS.iter().find(|(words, ..)| words.contains(&word.as_str())).map(|(_, group, kind)| (*group, *kind))
}
