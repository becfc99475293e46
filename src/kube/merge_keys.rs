//! Which lists a strategic-merge patch merges item by item, and by which keys of the items.

/// The lists that merge, by the name of the field that holds them. In the built-in kinds a name
/// that merges in one place merges in every place that a patch of a workload or Service meets.
const LISTS: &[(&str, &[&str])] = &[
    ("conditions", &["type"]),
    ("containers", &["name"]),
    ("env", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("ownerReferences", &["uid"]),
    ("resourceClaims", &["name"]),
    ("schedulingGates", &["name"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
    ("volumes", &["name"]),
];

/// The keys by which the list in the field `name` merges; none for a list that is replaced whole.
/// `ports` are told apart by their items: containers have `containerPort`, Services `port`.
pub fn merge_keys(name: &str, item_has: impl Fn(&str) -> bool) -> Option<&'static [&'static str]> {
    if name == "ports" {
        return Some(if item_has("containerPort") { &["containerPort", "protocol"] } else { &["port", "protocol"] });
    }
    LISTS.iter().find(|(field, _)| *field == name).map(|(_, keys)| *keys)
}
