// Linked into every test: how the sanitizers report.
// Visible, since the sanitizers' runtime is a shared library that looks for them.
/// Sizes that nobody has give null, as they do without it.
extern "C" __attribute__((visibility("default"))) const char* __asan_default_options() {
  return "allocator_may_return_null=1";
}
extern "C" __attribute__((visibility("default"))) const char* __tsan_default_options() {
  return "second_deadlock_stack=1";
}
extern "C" __attribute__((visibility("default"))) const char* __ubsan_default_options() { return "print_stacktrace=1"; }
