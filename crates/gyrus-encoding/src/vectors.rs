//! Elementwise work with the widest vectors of this processor, and the same bits on all of them.

/// Runs `work`, and what is inlined into it, with the widest vectors of this processor. Products and sums are never
/// fused, so that bits do not depend on it.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
