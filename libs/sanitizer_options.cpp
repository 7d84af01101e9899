// What the sanitizers of a preset are told, linked into every program and test of that preset: no environment is needed
// to run one by hand, and a program that scripts/up starts says the same as a test.
#include <sanitizer/common_interface_defs.h>

/// A report ends the process with a status that nothing else gives. Threads of gRPC and libunbound live as long as the
/// process.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "exitcode=66:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1";
}

/// c-ares 1.18 loses ten octets or so for each name that gRPC has it look up; MIT Kerberos 1.20 the name of a service
/// that it finds no key of. Nothing of our own may stand here.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libcares.so\nleak:krb5_build_principal_alloc_va\n";
}

extern "C" const char* __lsan_default_options();
extern "C" const char* __lsan_default_options() {
  return "print_suppressions=0";
}

extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() {
  return "print_stacktrace=1";
}

/// Tests fork programs that begin threads of their own.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "exitcode=66:second_deadlock_stack=1:report_thread_leaks=0:die_after_fork=0";
}

/// Debian's libraries are not instrumented: where they synchronise by anything but a pthread mutex, the sanitizer sees
/// their accesses and not their order. Nothing of our own may stand here.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return
      // gRPC locks with absl::Mutex, made of atomics and a futex. What it reads, writes and frees by itself:
      "called_from_lib:libgrpc.so\n"
      "called_from_lib:libgrpc++.so\n"
      "called_from_lib:libgrpc++_reflection.so\n"
      "called_from_lib:libgpr.so\n"
      // It counts who holds a processor of credentials, and the last to let it go frees it.
      "race:AuthMetadataProcessorAyncWrapper::Destroy\n"
      // Its messages pass from its threads to ours in the same way.
      "called_from_lib:libprotobuf.so\n"
      // OpenSSL, which gRPC uses on several threads under those locks; we use it on the loop's thread.
      "called_from_lib:libcrypto.so\n"
      "called_from_lib:libssl.so\n"
      // absl's own structures under those locks; each library is one line, because a pattern may match one only.
      "called_from_lib:libabsl_cord.so\n"
      "called_from_lib:libabsl_cord_internal.so\n"
      "called_from_lib:libabsl_graphcycles_internal.so\n"
      "called_from_lib:libabsl_hashtablez_sampler.so\n"
      "called_from_lib:libabsl_malloc_internal.so\n"
      "called_from_lib:libabsl_raw_hash_set.so\n"
      "called_from_lib:libabsl_status.so\n"
      "called_from_lib:libabsl_statusor.so\n"
      "called_from_lib:libabsl_str_format_internal.so\n"
      "called_from_lib:libabsl_strings.so\n"
      "called_from_lib:libabsl_strings_internal.so\n"
      "called_from_lib:libabsl_synchronization.so\n"
      "called_from_lib:libabsl_time.so\n"
      "called_from_lib:libabsl_time_zone.so\n"
      // The part of gRPC that its headers compile into our programs, called on its threads under the same locks. Of
      // ours, only the adapters of libs/rpc run below it, and they post to the loop: what runs there has no such frame.
      "race:grpc::internal::\n"
      // The same adapters where gRPC calls them from its library, with no frame of its headers above.
      "race:::OnReadDone(bool)\n"
      "race:::OnWriteDone(bool)\n"
      "race:::OnDone(grpc::Status const&)\n";
}

#if __has_feature(thread_sanitizer)
namespace {

/// The process that finds names is begun at once: a program that has used up its file descriptors could not begin it,
/// and without names no suppression matches.
[[gnu::constructor]] void beginSymbolizer() {
  char name[64];
  __sanitizer_symbolize_pc(__builtin_return_address(0), "%f", name, sizeof name);
}

}  // namespace
#endif
