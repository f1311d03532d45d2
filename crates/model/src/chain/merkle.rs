//! The tree over the entries (RFC 6962): its root, proofs that one entry is in it, and that an older tree is its beginning.
//! Pure arithmetic; keeps no tree.

use super::Hash;
use sha2::{Digest as _, Sha256};

/// The hash of an entry's bytes as a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(bytes).finalize().into())
}

fn node(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The roots of the full trees that leaves so far make, the largest first: all that is needed to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    roots: Vec<Hash>,
}

impl Peaks {
    /// `None` if that many leaves do not make that many full trees.
    pub fn new(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == roots.len()).then_some(Self { size, roots })
    }

    pub const fn size(&self) -> u64 {
        self.size
    }

    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    pub fn push(&mut self, leaf: Hash) {
        let mut carried = leaf;
        let mut rest = self.size;
        // As in adding one to a binary number: full trees of one size become one.
        while rest & 1 == 1
            && let Some(left) = self.roots.pop()
        {
            carried = node(left, carried);
            rest >>= 1;
        }
        self.roots.push(carried);
        self.size += 1;
    }

    /// The root of the tree over all leaves so far.
    pub fn root(&self) -> Hash {
        let mut smallest_first = self.roots.iter().rev().copied();
        let Some(first) = smallest_first.next() else { return Hash::of(b"") };
        smallest_first.fold(first, |right, left| node(left, right))
    }
}

/// The root over these leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut peaks = Peaks::default();
    leaves.iter().for_each(|leaf| peaks.push(*leaf));
    peaks.root()
}

/// The largest power of two below `n`, which is at least 2.
const fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// What proves that the leaf at `index` is in the tree over `leaves`; `None` if there is none.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut leaves, mut index, mut path) = (leaves, index, Vec::new());
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether the path leads from the leaf at `index` to the root of a tree of `size` leaves.
pub fn is_included(leaf: Hash, index: u64, size: u64, path: &[Hash], root: Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(*beside, hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, *beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// What proves that the tree over the first `old` leaves is the beginning of the one over all; `None` if they are fewer, or
/// `old` is 0, of which nothing need be proved.
pub fn consistency(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old == 0 || old > leaves.len() {
        return None;
    }
    let (mut leaves, mut old, mut is_whole, mut path) = (leaves, old, true, Vec::new());
    while old != leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if old <= left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            old -= left.len();
            leaves = right;
            is_whole = false;
        }
    }
    if !is_whole {
        path.push(root(leaves));
    }
    path.reverse();
    Some(path)
}

/// A tree's size and root.
pub type Tree = (u64, Hash);

/// Whether the path proves that the old tree is the beginning of the new one.
pub fn is_consistent((old, old_root): Tree, (new, new_root): Tree, path: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    // A full old tree is its own first step.
    let mut steps = old.is_power_of_two().then_some(old_root).into_iter().chain(path.iter().copied());
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let Some(first) = steps.next() else { return false };
    let (mut of_old, mut of_new) = (first, first);
    for beside in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            of_old = node(beside, of_old);
            of_new = node(beside, of_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_new = node(of_new, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == old_root && of_new == new_root
}
