//! What happens to the resources once all is done to them: those that are for tools go, the others are put in order.

use crate::kustomization::Kustomization;
use crate::kustomization::SortOrder;
use crate::render::account::Away;
use crate::render::account::Dropped;
use crate::render::kustomize::Order;
use crate::render::kustomize::Result;
use crate::render::kustomize::draft::Id;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::set::place;
use crate::render::kustomize::sort::SortKey;
use crate::render::kustomize::sort::sorted;

/// Brings the resources into the order of the output.
pub(super) fn sort(set: &mut Set, view: Kustomization<'_>, order: Order) -> Result<()> {
    let order = match (view.sort_order()?, order) {
        (Some(order), _) => order,
        (None, Order::Legacy) => SortOrder::Legacy,
        (None, Order::Added) => SortOrder::Fifo,
    };
    let keys: Vec<SortKey<'_>> = set
        .drafts
        .iter()
        .map(|draft| {
            let Id { group, version, kind, namespace, name } = draft.id(&set.tree);
            SortKey { group, version, kind, namespace, name }
        })
        .collect();
    let mut ranks = vec![0; keys.len()];
    for (rank, place) in sorted(&keys, &order).into_iter().enumerate() {
        ranks[place] = rank;
    }
    // Each goes where it belongs, and what stood there is looked at next: they are too big to be copied twice.
    for place in 0..ranks.len() {
        while ranks[place] != place {
            let rank = ranks[place];
            set.drafts.swap(place, rank);
            ranks.swap(place, rank);
        }
    }
    Ok(())
}

/// Leaves out the objects that are for tools and not for the cluster.
pub(super) fn drop_local(set: &mut Set) {
    let (tree, account) = (&set.tree, &mut set.account);
    set.drafts.retain(|draft| {
        let path = ["metadata", "annotations", "config.kubernetes.io/local-config"];
        let object = tree.node(draft.root);
        let says_so = object.at_path(&path).filter(|value| value.text() != "false");
        if let Some(says_so) = says_so {
            let (id, how) = (draft.id(tree).into(), Away::Local);
            account.drop(Dropped { id, how, span: says_so.span(), via: None, was: place(object) });
        }
        says_so.is_none()
    });
}
