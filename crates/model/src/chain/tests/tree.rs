//! The tree against RFC 6962's known roots, and every proof of every small tree.

use super::super::Hash;
use super::super::merkle::*;

/// The leaves of the standard's reference implementation and its roots after each.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf(&n.to_be_bytes())).collect()
}

#[test]
fn roots_are_the_standards() {
    let mut peaks = Peaks::default();
    assert_eq!(peaks.root(), Hash::of(b""), "the empty tree");
    for (text, root) in LEAVES.iter().zip(ROOTS) {
        peaks.push(leaf(&hex::decode(text).unwrap()));
        assert_eq!(peaks.root().to_string(), root);
    }
    let again = Peaks::new(peaks.size(), peaks.roots().to_vec()).unwrap();
    assert_eq!(again, peaks);
    assert_eq!(Peaks::new(7, peaks.roots().to_vec()), None, "seven leaves make three trees");
}

#[test]
fn every_leaf_is_proved_and_no_other_is() {
    for count in 1..=33_u64 {
        let leaves = leaves(count);
        let root = root(&leaves);
        for at in 0..count {
            let path = inclusion(&leaves, usize::try_from(at).unwrap()).unwrap();
            let own = leaves[usize::try_from(at).unwrap()];
            assert!(is_included(own, at, count, &path, root), "{at} of {count}");
            assert!(!is_included(leaf(b"another"), at, count, &path, root));
            for other in (0..count).filter(|other| *other != at) {
                assert!(!is_included(own, other, count, &path, root), "{at} as {other} of {count}");
            }
            assert!(!is_included(own, at, count, &[path.as_slice(), &[root]].concat(), root));
            if let Some((_, short)) = path.split_last() {
                assert!(!is_included(own, at, count, short, root));
            }
        }
        assert!(inclusion(&leaves, leaves.len()).is_none());
        assert!(!is_included(leaves[0], count, count, &[], root));
    }
}

#[test]
fn every_beginning_is_proved_and_nothing_else_is() {
    for new in 1..=33_u64 {
        let all = leaves(new);
        for old in 1..=new {
            let beginning = root(&all[..usize::try_from(old).unwrap()]);
            let path = consistency(&all, usize::try_from(old).unwrap()).unwrap();
            let (old_tree, new_tree) = ((old, beginning), (new, root(&all)));
            assert!(is_consistent(old_tree, new_tree, &path), "{old} of {new}");
            assert!(!is_consistent((old, leaf(b"x")), new_tree, &path), "{old} of {new}");
            assert!(!is_consistent(old_tree, (new, leaf(b"x")), &path), "{old} of {new}");
            for at in 0..path.len() {
                let mut spoilt = path.clone();
                spoilt[at] = leaf(b"x");
                assert!(!is_consistent(old_tree, new_tree, &spoilt), "{old} of {new} at {at}");
            }
        }
        assert!(consistency(&all, 0).is_none() && consistency(&all, all.len() + 1).is_none());
    }
}
