//! A Merkle tree of log entries (RFC 6962 §2.1) that can prove inclusion in any of its sizes.
//!
//! It holds hashes, not entries, and keeps each complete subtree's hash, so a proof costs O(log² n).

use crate::keys::sha256;

/// The hash of a leaf or of a node.
pub(crate) type Hash = [u8; 32];

/// Hashes an entry as a leaf.
pub(crate) fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry].concat())
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[[1].as_slice(), left, right].concat())
}

/// An append-only tree.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// `levels[k][i]` is the hash of the complete subtree of the `2^k` leaves from `i * 2^k` on.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Returns the number of leaves.
    pub(crate) fn size(&self) -> usize {
        self.levels.first().map_or(0, Vec::len)
    }

    /// Adds a leaf and returns its index.
    pub(crate) fn append(&mut self, leaf: Hash) -> usize {
        let index = self.size();
        let mut hash = leaf;
        let mut level = 0;
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            if row.len() % 2 == 1 {
                return index;
            }
            hash = node_hash(&row[row.len() - 2], &row[row.len() - 1]);
            level += 1;
        }
    }

    /// Returns the hashes of the complete subtrees of `2^level` leaves.
    pub(crate) fn level(&self, level: usize) -> &[Hash] {
        self.levels.get(level).map_or(&[], Vec::as_slice)
    }

    /// Returns the root over the first `size` leaves.
    pub(crate) fn root(&self, size: usize) -> Hash {
        if size == 0 {
            sha256(&[])
        } else {
            self.range(0, size)
        }
    }

    /// Returns the audit path of a leaf in the tree of the first `size` leaves, from the leaf upwards (RFC 6962 §2.1.1).
    pub(crate) fn inclusion_proof(&self, index: usize, size: usize) -> Vec<Hash> {
        let mut path = Vec::new();
        let (mut from, mut to) = (0, size);
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                path.push(self.range(middle, to));
                to = middle;
            } else {
                path.push(self.range(from, middle));
                from = middle;
            }
        }
        path.reverse();
        path
    }

    /// Returns the proof that the tree of `old` leaves is a beginning of that of `size` leaves (RFC 6962 §2.1.2).
    pub(crate) fn consistency_proof(&self, old: usize, size: usize) -> Vec<Hash> {
        let mut path = Vec::new();
        if old == 0 || old >= size {
            return path;
        }
        let (mut from, mut to, mut known) = (0, size, true);
        while old != to {
            let middle = from + split(to - from);
            if old <= middle {
                path.push(self.range(middle, to));
                to = middle;
            } else {
                path.push(self.range(from, middle));
                from = middle;
                known = false;
            }
        }
        if !known {
            path.push(self.range(from, to));
        }
        path.reverse();
        path
    }

    fn range(&self, from: usize, to: usize) -> Hash {
        let count = to - from;
        if count.is_power_of_two() {
            let level = count.trailing_zeros() as usize;
            return self.levels[level][from >> level];
        }
        let middle = from + split(count);
        node_hash(&self.range(from, middle), &self.range(middle, to))
    }
}

/// Returns the largest power of two below `count`, where RFC 6962 splits a range of more than one leaf.
fn split(count: usize) -> usize {
    1 << (count - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962 §2.1, word for word.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [leaf] => *leaf,
            _ => {
                let mut k = 1;
                while k * 2 < leaves.len() {
                    k *= 2;
                }
                node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
            }
        }
    }

    /// The verification of RFC 9162 §2.1.3.2, which shares nothing with the way a proof is made.
    fn root_of_proof(leaf: Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
        let (mut fn_, mut sn, mut r) = (index, size - 1, leaf);
        for p in path {
            if sn == 0 {
                return None;
            }
            if fn_ % 2 == 1 || fn_ == sn {
                r = node_hash(p, &r);
                while fn_ % 2 == 0 && fn_ != 0 {
                    fn_ >>= 1;
                    sn >>= 1;
                }
            } else {
                r = node_hash(&r, p);
            }
            fn_ >>= 1;
            sn >>= 1;
        }
        (sn == 0).then_some(r)
    }

    /// The verification of RFC 9162 §2.1.4.2.
    fn consistent(
        first: usize,
        second: usize,
        first_root: Hash,
        second_root: Hash,
        path: &[Hash],
    ) -> bool {
        let mut path = path.to_vec();
        if first.is_power_of_two() {
            path.insert(0, first_root);
        }
        let Some((head, tail)) = path.split_first() else {
            return false;
        };
        let (mut fn_, mut sn) = (first - 1, second - 1);
        while fn_ % 2 == 1 {
            fn_ >>= 1;
            sn >>= 1;
        }
        let (mut fr, mut sr) = (*head, *head);
        for c in tail {
            if sn == 0 {
                return false;
            }
            if fn_ % 2 == 1 || fn_ == sn {
                fr = node_hash(c, &fr);
                sr = node_hash(c, &sr);
                while fn_ % 2 == 0 && fn_ != 0 {
                    fn_ >>= 1;
                    sn >>= 1;
                }
            } else {
                sr = node_hash(&sr, c);
            }
            fn_ >>= 1;
            sn >>= 1;
        }
        sn == 0 && fr == first_root && sr == second_root
    }

    #[test]
    fn roots_and_proofs_agree_with_the_definition_in_every_size() {
        let leaves: Vec<Hash> = (0..70_u8).map(|number| leaf_hash(&[number])).collect();
        let mut tree = Tree::default();
        for leaf in &leaves {
            tree.append(*leaf);
        }
        assert_eq!(tree.root(0), naive_root(&[]));
        for size in 1..=leaves.len() {
            let root = naive_root(&leaves[..size]);
            assert_eq!(tree.root(size), root, "{size}");
            for (index, leaf) in leaves[..size].iter().enumerate() {
                let path = tree.inclusion_proof(index, size);
                assert_eq!(
                    root_of_proof(*leaf, index, size, &path),
                    Some(root),
                    "{index} of {size}"
                );
            }
            for old in 1..size {
                let path = tree.consistency_proof(old, size);
                assert!(
                    consistent(old, size, naive_root(&leaves[..old]), root, &path),
                    "{old} in {size}"
                );
            }
        }
    }

    #[test]
    fn hashes_the_empty_leaf_as_rfc_6962_tests_do() {
        assert_eq!(
            hex::encode(leaf_hash(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }
}
