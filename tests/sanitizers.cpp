// Linked into every test: how the sanitizers report, and what they must not report.

// The distribution's oneTBB is not instrumented, so what happens inside it looks like races. Code of this library that runs
// in a task still counts: whoever starts tasks tells the sanitizer about fork and join.
extern "C" const char* __tsan_default_suppressions() {
  return "race:^tbb::detail::r1::\n"
         "called_from_lib:libtbb.so\n";
}
extern "C" const char* __tsan_default_options() { return "second_deadlock_stack=1"; }
extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1"; }
