//! The program as people meet it: run with arguments, judged by what it prints, its exit code and its files.

mod checkpoint;
mod program;
mod study;
mod probe;
