//! The system's allocator, counting the bytes that are live and the most that ever were.
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Live bytes and their peak.
pub struct Counting {
    live: AtomicUsize,
    peak: AtomicUsize,
}

impl Counting {
    pub const fn new() -> Self {
        Self { live: AtomicUsize::new(0), peak: AtomicUsize::new(0) }
    }

    /// Starts a new peak at the bytes that are live now, and returns them.
    pub fn restart(&self) -> u64 {
        let live = self.live.load(SeqCst);
        self.peak.store(live, SeqCst);
        live as u64
    }

    /// The most bytes that were live since the last start.
    pub fn peak(&self) -> u64 {
        self.peak.load(SeqCst) as u64
    }

    fn add(&self, bytes: usize) {
        let live = self.live.fetch_add(bytes, SeqCst) + bytes;
        self.peak.fetch_max(live, SeqCst);
    }
}

/// Pages that matrix products reserve for each thread, twice the last-level cache, and touch as far as they need them: what
/// is reserved is no memory yet, and how much it is depends on the processor.
const PAGE: usize = 4096;

fn counted(layout: Layout) -> usize {
    if layout.align() >= PAGE { 0 } else { layout.size() }
}

// SAFETY: every call is handed on unchanged to the system's allocator; counting touches no memory of the caller.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.add(counted(layout));
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.add(counted(layout));
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        self.live.fetch_sub(counted(layout), SeqCst);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // A block that moves is there twice for a moment.
        self.add(if layout.align() >= PAGE { 0 } else { size });
        self.live.fetch_sub(counted(layout), SeqCst);
        unsafe { System.realloc(pointer, layout, size) }
    }
}
