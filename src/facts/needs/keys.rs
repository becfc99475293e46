//! What the name of a variable, a flag or a key tells about its value: an address of somebody, an address of its
//! own that is told to others, or something else.

/// Words for an address.
const ADDRESSES: [&str; 35] = [
    "addr",
    "address",
    "addresses",
    "addrs",
    "backend",
    "bootstrap",
    "broker",
    "brokers",
    "collector",
    "connect",
    "connection",
    "dsn",
    "endpoint",
    "endpoints",
    "gateway",
    "host",
    "hostname",
    "hosts",
    "nodes",
    "peers",
    "proxy",
    "remote",
    "seeds",
    "server",
    "servers",
    "service",
    "svc",
    "target",
    "targets",
    "upstream",
    "upstreams",
    "uri",
    "uris",
    "url",
    "urls",
];

/// Words in front of `service name` with which it is what somebody is called in traces and logs.
const OWN: [&str; 14] = [
    "agent",
    "apm",
    "app",
    "application",
    "dd",
    "jaeger",
    "my",
    "otel",
    "own",
    "pod",
    "spring",
    "this",
    "trace",
    "tracing",
];

/// Words with which a name is that of something else, whatever other words it has.
const OTHERS: [&str; 50] = [
    "account",
    "accounts",
    "bucket",
    "class",
    "client",
    "cluster",
    "component",
    "database",
    "db",
    "dialect",
    "driver",
    "engine",
    "env",
    "group",
    "id",
    "image",
    "index",
    "instance",
    "issuer",
    "job",
    "key",
    "kind",
    "label",
    "level",
    "mode",
    "module",
    "names",
    "namespace",
    "password",
    "path",
    "port",
    "prefix",
    "protocol",
    "provider",
    "realm",
    "region",
    "release",
    "repo",
    "repository",
    "role",
    "schema",
    "scheme",
    "secret",
    "subject",
    "topic",
    "type",
    "user",
    "username",
    "vendor",
    "version",
];

/// Whether a variable, flag or key of this name may hold the name of a host.
pub(super) fn is_address(key: &str) -> bool {
    let words = words(key);
    let Some(last) = words.last() else { return false };
    if matches!(key, "-h" | "-H") {
        return true;
    }
    let ends_so = |word: &str| ["host", "addr", "url", "uri", "fqdn"].iter().any(|end| word.ends_with(end));
    if names_service(&words) {
        return true;
    }
    // `SERVER_NAME` is what somebody is called, `HOST_NAME` where somebody is.
    let is_name = last == "name" && words.len() > 1 && words[words.len() - 2] != "host";
    let is_address = |word: &String| ADDRESSES.contains(&word.as_str()) || ends_so(word);
    // `--service` names one, for a certificate or a lookup, and says nothing about calling it.
    let is_bare = words.len() == 1 && matches!(last.as_str(), "service" | "svc");
    !is_name && !is_bare && !OTHERS.contains(&last.as_str()) && words.iter().any(is_address)
}

/// Whether a name ends so that its value is the name of a Service: `--default-backend-service`.
pub(super) fn is_service(key: &str) -> bool {
    let words = words(key);
    words.len() > 1 && matches!(words.last().map(String::as_str), Some("service" | "svc"))
}

/// Whether these are the words of what another Service is called: `DB_SERVICE_NAME`.
fn names_service(words: &[String]) -> bool {
    match words {
        // `TYPHASERVICENAME`, as variables are called that programs make of `typhaServiceName`.
        [of @ .., last] if last.len() > "servicename".len() && last.ends_with("servicename") => {
            let own = last.strip_suffix("servicename").unwrap_or_default();
            !OWN.contains(&own) && !of.iter().any(|word| OWN.contains(&word.as_str()))
        }
        [of @ .., service, name] => {
            matches!(service.as_str(), "service" | "svc")
                && name == "name"
                && !of.is_empty()
                && !of.iter().any(|word| OWN.contains(&word.as_str()))
        }
        _ => false,
    }
}

/// Whether what has this name is an address that a program tells to others, or lets in, and never calls.
pub(super) fn is_told_to_others(key: &str) -> bool {
    if key.len() < 2 {
        return false;
    }
    let words = words(key);
    let is_so = |word: &String| {
        word.starts_with("advertis")
            || matches!(
                word.as_str(),
                "callback"
                    | "cookie"
                    | "cors"
                    | "image"
                    | "noproxy"
                    | "origin"
                    | "origins"
                    | "redirect"
                    | "san"
                    | "sans"
            )
    };
    if words.iter().any(is_so) {
        return true;
    }
    if words.len() < 2 {
        return is_of_certificate(&words);
    }
    let has = |word: &str| words.iter().any(|own| own == word);
    is_of_certificate(&words)
        || (has("hostname") && has("override"))
        || (has("no") && has("proxy"))
        || (has("allowed") && has("hosts"))
        || (has("url") && (has("external") || has("public") || has("bootstrap")))
        || (has("url") && has("service") && (has("web") || has("broker")))
}

/// Whether what has this name is whom a certificate is for, or is to be for: `CN`, `subjectAltName`, `server_name`.
fn is_of_certificate(words: &[String]) -> bool {
    let has_both =
        |first: &str, second: &str| words.windows(2).any(|pair| pair[0] == first && pair[1].starts_with(second));
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let is_only = |name: &str| words.first().is_some_and(|first| first == name) && words.iter().skip(1).all(is_number);
    ["cn", "dns", "subj", "subject", "servername"].into_iter().any(is_only)
        || has_both("alt", "name")
        || has_both("common", "name")
        || has_both("dns", "name")
        || has_both("server", "name")
}

/// The words of a name in lower case: `dbHost`, `DB_HOST` and `--db-host` alike.
fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for char in key.chars() {
        let is_new = !last.is_ascii_alphanumeric() || (char.is_ascii_uppercase() && last.is_ascii_lowercase());
        if char.is_ascii_alphanumeric() {
            match words.last_mut().filter(|_| !is_new) {
                Some(word) => word.push(char.to_ascii_lowercase()),
                None => words.push(char.to_ascii_lowercase().to_string()),
            }
        }
        last = char;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::is_address;
    use super::is_told_to_others;

    #[test]
    fn names_of_addresses() {
        for key in [
            "DB_HOST",
            "dbHost",
            "--redis-url",
            "MYSQLHOST",
            "spring.redis.host",
            "AUTH_SERVICE",
            "-h",
            "HOST_NAME",
            "DB_SERVICE_NAME",
            "X_DBSERVICENAME",
            "catalogBeFqdn",
        ] {
            assert!(is_address(key), "{key}");
        }
        for key in [
            "DB_NAME",
            "DB_SCHEME",
            "OTEL_SERVICE_NAME",
            "X_OTELSERVICENAME",
            "SERVER_NAME",
            "DB_USER",
            "DATABASE",
            "HOST_PORT",
            "",
        ] {
            assert!(!is_address(key), "{key}");
        }
    }

    #[test]
    fn names_of_addresses_for_others() {
        for key in ["NO_PROXY", "noProxy", "KAFKA_ADVERTISED_LISTENERS", "CORS_ORIGINS", "--web-service-url"] {
            assert!(is_told_to_others(key), "{key}");
        }
        for key in ["CN", "subjectAltName", "DNS.1", "server_name", "tlsServerName", "HOSTNAME_OVERRIDE"] {
            assert!(is_told_to_others(key), "{key}");
        }
        for key in ["DNS_HOST", "NAME_SERVER", "HTTP_PROXY", "KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL"] {
            assert!(!is_told_to_others(key), "{key}");
        }
    }
}
