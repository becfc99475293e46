//! `sortOptions`: in which order the resources come out. Only the kustomization that is built is asked.

use crate::diagnostic::Diagnostic;
use crate::kustomization::Kustomization;
use crate::kustomization::go;
use crate::yaml::Node;

/// The order of what is built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SortOrder<'a> {
    /// As the resources were gathered.
    Fifo,
    /// By kind, those that others need first.
    Legacy,
    /// By kind, with lists of one's own. A list that is not given is empty.
    LegacyWith {
        /// The kinds that come first.
        first: Vec<&'a str>,
        /// The kinds that come last.
        last: Vec<&'a str>,
    },
}

impl<'a> Kustomization<'a> {
    /// The order that the file asks for, if it does.
    ///
    /// # Errors
    /// When kustomize doesn't know the order, or it takes no lists.
    pub fn sort_order(self) -> Result<Option<SortOrder<'a>>, Box<Diagnostic>> {
        let Some(options) = self.get("sortOptions") else { return Ok(None) };
        let lists = go::field(options, "legacySortOptions");
        let complain = |node: Node<'_>, what: &str| Diagnostic::error("bad-kustomization", node.span(), what);
        match (go::text(options, "order"), lists) {
            ("legacy", None) => Ok(Some(SortOrder::Legacy)),
            ("legacy", Some(lists)) => {
                let names = |name| go::items(lists, name).map(|item| go::string(item).unwrap_or_default()).collect();
                Ok(Some(SortOrder::LegacyWith { first: names("orderFirst"), last: names("orderLast") }))
            }
            ("fifo", None) => Ok(Some(SortOrder::Fifo)),
            ("fifo", Some(lists)) => {
                let problem = complain(lists.key().unwrap_or(lists), "`fifo` order has no `legacySortOptions`");
                Err(problem.help("leave them out, or write `order: legacy`").into())
            }
            _ => {
                let order = go::field(options, "order").unwrap_or(options.key().unwrap_or(options));
                Err(complain(order, "`sortOptions.order` must be `legacy` or `fifo`").into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::kustomization::Kustomization;
    use crate::kustomization::SortOrder;
    use crate::kustomization::tests::parsed;

    #[test]
    fn an_order_is_read_or_refused() {
        let order = |text: &str| {
            let file = parsed(text);
            let order = Kustomization::of(&file).unwrap().sort_order();
            order.map(|order| format!("{order:?}")).map_err(|problem| problem.message)
        };
        assert_eq!(order("resources: []").unwrap(), format!("{:?}", None::<SortOrder<'_>>));
        assert_eq!(order("sortOptions: {order: fifo}").unwrap(), "Some(Fifo)");
        assert_eq!(order("sortOptions: {order: legacy, legacySortOptions: ~}").unwrap(), "Some(Legacy)");
        assert_eq!(
            order("sortOptions: {order: legacy, legacySortOptions: {orderFirst: [A, ~]}}").unwrap(),
            r#"Some(LegacyWith { first: ["A", ""], last: [] })"#
        );
        assert_eq!(order("sortOptions: {}").unwrap_err(), "`sortOptions.order` must be `legacy` or `fifo`");
        assert!(order("sortOptions: {order: fifo, legacySortOptions: {}}").is_err());
    }
}
