//! Hosts and ports in the texts that programs take: URLs, `host:port`, lists of them, and `host=db port=5432`.

use std::cell::Cell;

use crate::facts::runs::Piece;
use crate::facts::runs::Symbol;
use crate::facts::runs::Value;

/// The first character that stands for a symbol here.
const FIRST: u32 = 0xF_0000;

/// A host and its port, as far as they are written.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Address {
    pub(super) host: Value,
    pub(super) port: Option<Value>,
}

/// The addresses in a text.
pub(super) fn addresses(value: &Value) -> Vec<Address> {
    let symbols: Vec<Symbol> = value.pieces().iter().filter_map(symbol).collect();
    let next = Cell::new(FIRST);
    let text = value.shown(|_| char::from_u32(next.replace(next.get() + 1)).into_iter().collect());
    let text = text.strip_prefix("[").and_then(|text| text.strip_suffix("]")).unwrap_or(&text);
    if let Some(host) = keyword(text, "host") {
        let port = keyword(text, "port").map(|port| value_of(port, &symbols));
        return vec![Address { host: value_of(host, &symbols), port }];
    }
    text.split(',').filter_map(|text| one(text.trim(), &symbols)).collect()
}

fn one(text: &str, symbols: &[Symbol]) -> Option<Address> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    // `jdbc:postgresql://db/x` has the scheme of what it leads to.
    let scheme = scheme.map(|scheme| scheme.rsplit(':').next().unwrap_or(scheme));
    if scheme == Some("file") || text.starts_with('/') {
        return None;
    }
    let end = rest.find(['/', '?', '#', ';']).unwrap_or(rest.len());
    let authority = rest[..end].rsplit('@').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let by_scheme = || {
        Some(match scheme? {
            "http" | "ws" => "80",
            "https" | "wss" => "443",
            "postgres" | "postgresql" => "5432",
            "mysql" | "mariadb" => "3306",
            "mongodb" => "27017",
            "redis" | "rediss" => "6379",
            "amqp" => "5672",
            "ldap" => "389",
            "ldaps" => "636",
            _ => return None,
        })
    };
    let port = port.filter(|port| !port.is_empty()).or_else(by_scheme);
    let is_whole_unknown = port.is_none() && host.chars().count() == 1 && host.chars().all(is_stand_in);
    if host.is_empty() || is_whole_unknown && scheme.is_none() && text.len() > host.len() {
        return None;
    }
    Some(Address { host: value_of(host, symbols), port: port.map(|port| value_of(port, symbols)) })
}

/// What stands behind `name=`.
fn keyword<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn symbol(piece: &Piece) -> Option<Symbol> {
    match piece {
        Piece::Symbol(symbol) => Some(symbol.clone()),
        Piece::Text(..) => None,
    }
}

fn is_stand_in(char: char) -> bool {
    (FIRST..FIRST + 0xFFFE).contains(&u32::from(char))
}

fn value_of(text: &str, symbols: &[Symbol]) -> Value {
    let mut value = Value::default();
    let mut rest = text;
    while let Some((at, char)) = rest.char_indices().find(|(_, char)| is_stand_in(*char)) {
        value.push_text(&rest[..at], None);
        if let Some(symbol) = symbols.get((u32::from(char) - FIRST) as usize) {
            value.push_symbol(symbol.clone());
        }
        rest = &rest[at + char.len_utf8()..];
    }
    value.push_text(rest, None);
    value
}

#[cfg(test)]
mod tests {
    use super::addresses;
    use crate::facts::runs::Value;

    #[test]
    fn hosts_and_ports_are_found_in_what_programs_take() {
        for (text, host, port) in [
            ("db:5432", "db", Some("5432")),
            ("db", "db", None),
            ("http://web/health", "web", Some("80")),
            ("https://user:pw@web:8443/x?y=a:b", "web", Some("8443")),
            ("tcp://redis:6379", "redis", Some("6379")),
            ("host=db port=5433 dbname=x", "db", Some("5433")),
            ("jdbc:mysql://db/x", "db", Some("3306")),
        ] {
            let found = &addresses(&Value::text(text, None))[0];
            let port_of = found.port.as_ref().and_then(Value::literal);
            assert_eq!((found.host.literal().as_deref(), port_of.as_deref()), (Some(host), port), "{text}");
        }
        assert_eq!(addresses(&Value::text("a:1,b:2", None)).len(), 2);
        assert!(addresses(&Value::text("file:///etc/x", None)).is_empty());
    }
}
