#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pullcheck::fuzzing::kubelet(bytes));
