// What the library says of how it was built.
#include <gmock/gmock.h>
#include <tessera/tessera.hpp>

#include <algorithm>

namespace {

using testing::Contains;
using testing::Field;

TEST(build, version_is_the_project_s) { EXPECT_EQ(tessera::version(), TESSERA_TEST_VERSION); }

TEST(build, names_compiler_type_and_processor) {
  const tessera::build_info built = tessera::built_with();
  EXPECT_EQ(built.compiler, TESSERA_TEST_COMPILER);
  EXPECT_EQ(built.build_type, TESSERA_TEST_BUILD_TYPE);
  EXPECT_EQ(built.shared, TESSERA_TEST_SHARED != 0);
#ifdef NDEBUG
  EXPECT_FALSE(built.assertions);
#else
  EXPECT_TRUE(built.assertions);
#endif
}

TEST(build, names_its_dependencies_once_each) {
  std::vector<std::string> names;
  for (const tessera::build_dependency& one : tessera::built_with().dependencies) names.push_back(one.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"Highway", "oneTBB", "LAPACK", "BLAS", "zlib", "fmt"}));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(build, finds_the_file_of_lapack) {
  if (!tessera::built_with().shared) GTEST_SKIP() << "LAPACK may be part of the program";
  EXPECT_THAT(tessera::built_with().dependencies,
              Contains(testing::AllOf(Field(&tessera::build_dependency::name, "LAPACK"),
                                      Field(&tessera::build_dependency::file, testing::HasSubstr("/")),
                                      Field(&tessera::build_dependency::version, testing::MatchesRegex("3\\..*")))));
}

TEST(simd, uses_the_best_that_was_compiled_and_runs_here) {
  const tessera::simd_info simd = tessera::simd();
  ASSERT_FALSE(simd.usable.empty());
  EXPECT_EQ(simd.in_use, simd.usable.front());
  for (const std::string& one : simd.usable) EXPECT_THAT(simd.compiled, Contains(one));
}

}  // namespace
