// Linked into every test: how the sanitizers report.
extern "C" const char* __tsan_default_options() { return "second_deadlock_stack=1"; }
extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1"; }
