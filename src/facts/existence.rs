//! Whether a Service exists, asked of one place after the other: the target itself, the rest of the
//! repository, what the config says exists outside of it, and operators that make Services.
//!
//! The answers are the states of the facts in `backends`: `target`, `elsewhere`, `external`, `operator`
//! or `missing`, and none where the repository cannot tell.

use crate::facts::operators;
use crate::facts::surroundings::Surroundings;
use crate::facts::surroundings::is_near;
use crate::facts::surroundings::nearest;
use crate::kube::ResourceId;
use crate::model::Service;
use crate::yaml::Node;

/// Where there is a Service of this name that may be in this namespace.
pub(super) fn of_service(around: &Surroundings<'_>, namespace: Option<&str>, name: Node<'_>) -> Option<&'static str> {
    if name.is_unknown() { None } else { of_named_service(around, namespace, name.text()) }
}

/// The same, for a name that a text tells.
pub(super) fn of_named_service(around: &Surroundings<'_>, namespace: Option<&str>, text: &str) -> Option<&'static str> {
    let is_named = |external: &crate::config::ExternalService| {
        (external.name == "*" || external.name == text)
            && ResourceId::may_share_namespace(namespace, external.namespace.as_deref())
    };
    if around.named(text).any(|other| is_near(namespace, other) && Service::of(other).is_some()) {
        Some("target")
    } else if around.elsewhere.has_service(namespace, text) {
        Some("elsewhere")
    } else if around.config.external_services.iter().any(is_named) {
        Some("external")
    } else if around.elsewhere.makes_service(namespace, text)
        || around.operated.iter().any(|other| is_near(namespace, other) && operators::makes_service(&other.id, text))
    {
        Some("operator")
    } else {
        (!may_be_made(around, text) && !around.elsewhere.may_be_unbuilt(namespace, text)).then_some("missing")
    }
}

/// The Service of the target that this name means in this namespace, if that can be told.
pub(super) fn service<'a>(around: &Surroundings<'a>, namespace: Option<&str>, name: &str) -> Option<Service<'a>> {
    nearest(namespace, around.named(name).filter(|other| Service::of(other).is_some())).and_then(Service::of)
}

/// Whether the Service may be made by someone whose ways we don't know: something that deploys more
/// than the target shows, an operator for a custom resource whose name is part of the Service's, or
/// a Service of the target whose own name can't be known.
fn may_be_made(around: &Surroundings<'_>, name: &str) -> bool {
    let part_of_name = |id: &ResourceId| !id.name.is_empty() && name.contains(id.name.as_str());
    around.deploys_more
        || around.has_unknown_service
        || around.operated.iter().any(|other| operators::may_run_pods(&other.id) && part_of_name(&other.id))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::config::Config;
    use crate::config::ExternalService;
    use crate::facts::Elsewhere;
    use crate::facts::Scope;
    use crate::facts::resources_of;
    use crate::facts::surroundings::Surroundings;
    use crate::source::Sources;

    const TARGET: &str = "
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {}}
---
{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {name: db}}
---
{apiVersion: example.org/v1, kind: Cache, metadata: {name: sessions}}
---
{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: le}}
";
    const OTHER: &str = "{apiVersion: v1, kind: Service, metadata: {name: mail, namespace: shop}}";

    /// Where a Service of this name is for somebody in namespace `shop`.
    fn place(name: &str, target: &str) -> Option<&'static str> {
        let sources = Arc::new(Sources::in_memory());
        let (resources, others) = (resources_of(&sources, target), resources_of(&sources, OTHER));
        let mut elsewhere = Elsewhere::default();
        elsewhere.add(&resources);
        elsewhere.add(&others);
        let external = |namespace: Option<&str>, name: &str| ExternalService {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        };
        let external_services = vec![external(Some("shop"), "payments"), external(Some("legacy"), "*")];
        let config = Config { external_services, ..Config::default() };
        let named = resources_of(&sources, &format!("{{apiVersion: v1, kind: X, metadata: {{name: \"{name}\"}}}}"));
        let name = named[0].node().at_path(&["metadata", "name"]).unwrap();
        let scope = Scope { target: "", resources: &resources, elsewhere: &elsewhere, config: &config };
        super::of_service(&Surroundings::of(scope), Some("shop"), name)
    }

    #[test]
    fn one_place_is_asked_after_the_other() {
        for (name, expected) in [
            ("web", Some("target")),
            ("mail", Some("elsewhere")),
            ("payments", Some("external")),
            ("db-rw", Some("operator")),
            ("reports", Some("missing")),
            ("le-web", Some("missing")),
        ] {
            assert_eq!(place(name, TARGET), expected, "{name}");
        }
    }

    #[test]
    fn what_somebody_may_make_is_not_missing() {
        assert_eq!(place("sessions-master", TARGET), None);
        assert_eq!(place("${NAME}", TARGET), None);
        let release = "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: shop}}";
        assert_eq!(place("reports", release), None);
    }
}
