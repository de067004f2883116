// einsum against plain loops over all labels; what it refuses.
#include "ops/elements.hpp"

using namespace tessera;

namespace {

TEST(einsum, multiplies_and_sums) {
  array a = reshape(arange(6), {2, 3}), b = reshape(arange(12), {3, 4});
  list expected;
  for (int i = 0; i < 2; ++i)
    for (int k = 0; k < 4; ++k) {
      std::int64_t s = 0;
      for (int j = 0; j < 3; ++j) s += (i * 3 + j) * (j * 4 + k);
      expected.push_back(s);
    }
  EXPECT_EQ(ints(einsum("ij,jk->ik", a, b)), expected);
  EXPECT_EQ(ints(einsum(" i j , j k ", a, b)), expected);
  EXPECT_EQ(ints(einsum("ij,jk->ki", a, b)), ints(array(einsum("ij,jk", a, b)).T()));
}

TEST(einsum, keeps_labels_that_stand_once_in_alphabetical_order) {
  array a = reshape(arange(6), {2, 3});
  EXPECT_EQ(ints(einsum("ba", a)), ints(a.T()));
  EXPECT_EQ(ints(einsum("aB", a)), ints(a.T()));  // capitals first
  EXPECT_EQ(ints(einsum("i,j", array{1, 2}, array{10, 20})), (list{10, 20, 20, 40}));
}

TEST(einsum, walks_diagonals_for_repeated_labels) {
  array m = reshape(arange(9), {3, 3});
  EXPECT_EQ(ints(einsum("ii", m)), list{12});
  EXPECT_EQ(ints(einsum("ii->i", m)), (list{0, 4, 8}));
  EXPECT_EQ(ints(einsum("ij,ii->j", m, m)), (list{3 * 4 + 6 * 8, 4 * 4 + 7 * 8, 5 * 4 + 8 * 8}));
}

TEST(einsum, of_one_array_without_sums_is_a_writable_view) {
  array m = zeros({3, 3}, int64);
  einsum("ii->i", m) = array{1, 2, 3};
  einsum("ij->ji", m)(0, 2) = 9;
  EXPECT_EQ(ints(m), (list{1, 0, 0, 0, 2, 0, 9, 0, 3}));
}

TEST(einsum, broadcasts_the_ellipsis_and_extents_of_1) {
  array a = reshape(arange(12), {2, 3, 2}), b = reshape(arange(2), {2, 1});
  list expected;
  for (int n = 0; n < 2; ++n)
    for (int i = 0; i < 3; ++i) expected.push_back(a(n, i, 0).item<int>() * 0 + a(n, i, 1).item<int>() * 1);
  EXPECT_EQ(ints(einsum("...ij,jk->...i", a, b)), expected);
  EXPECT_EQ(einsum("...ij->...ji", a).shape(), shape({2, 2, 3}));
  EXPECT_EQ(einsum("i...,i...", a, ones({2, 1, 1})).shape(), shape({3, 2}));
  EXPECT_EQ(ints(einsum("ij,ij->i", array{{1, 2}, {3, 4}}, array{{10}, {100}})), (list{30, 700}));
}

TEST(einsum, computes_in_the_common_dtype) {
  EXPECT_EQ(einsum("i,i->", array({1, 2}, int8), array({1, 2}, float32)).dtype(), float32);
  EXPECT_EQ(elements<std::int8_t>(einsum("i->", array({100, 100}, int8))), std::vector<std::int8_t>{-56});
  EXPECT_EQ(elements<bool>(einsum("ij->i", array{{true, true}, {false, false}})), (std::vector<bool>{true, false}));
  EXPECT_EQ(float(einsum("i->", full({5000}, 1, float16))), 5000.f);  // halves add up in float32
}

TEST(einsum, of_no_elements_and_no_axes) {
  EXPECT_EQ(ints(einsum("ij->i", zeros({2, 0}, int64))), (list{0, 0}));
  EXPECT_EQ(int(einsum(",->", 3, 4)), 12);
  EXPECT_EQ(ints(einsum(",i", 3, array{1, 2})), (list{3, 6}));
  EXPECT_EQ(ints(einsum("ij,jk,kl->il", ones({1, 2}, int64), ones({2, 3}, int64), ones({3, 1}, int64))), list{6});
}

TEST(einsum, of_several_operands_computes_in_the_common_dtype_of_all) {
  EXPECT_EQ(float(einsum("i,i,i->", array({100}, int8), array({100}, int8), array({0.5}, float32))), 5000.f);
  // As numpy.result_type of all three, not of two and then the third.
  EXPECT_EQ(einsum("i,i,i->i", ones({2}, int16), ones({2}, uint16), ones({2}, float32)).dtype(), float32);
  EXPECT_EQ(einsum("i,i,i->i", ones({2}, bool_), ones({2}, bool_), ones({2}, bool_)).dtype(), bool_);
}

TEST(einsum, rounds_halves_once) {
  // 2048 + 1 is 2048 in float16; in float32 the three products add up to 2050.
  const array x = array({2048, 1, 1}, float16), one = ones({3}, float16);
  EXPECT_EQ(float(einsum("i,i,i->", x, one, one)), 2050.f);
  const array tiny = array({1e-4, 1e-4}, float16);  // their product is no float16 but 0
  EXPECT_NEAR(float(einsum("i,i,j->j", tiny, tiny, array({10000}, float16))), 2e-4f, 1e-6f);
}

TEST(einsum, puts_repeated_labels_of_the_output_on_a_diagonal) {
  EXPECT_EQ(ints(einsum("i->ii", array{1, 2})), (list{1, 0, 0, 2}));
  EXPECT_EQ(ints(einsum("i,j->iji", array{1, 2}, array{3, 5})), (list{3, 0, 5, 0, 0, 6, 0, 10}));
  EXPECT_EQ(ints(einsum("ij->ii", array{{1, 2}, {3, 4}})), (list{3, 0, 0, 7}));
  EXPECT_EQ(ints(einsum("ii->ii", array{{1, 2}, {3, 4}})), (list{1, 0, 0, 4}));
  EXPECT_EQ(ints(einsum("i,i,i->iii", array{1, 2}, array{1, 2}, array{1, 3})), (list{1, 0, 0, 0, 0, 0, 0, 12}));
  EXPECT_EQ(einsum("i->ii", zeros({0})).shape(), shape({0, 0}));
}

TEST(einsum, leaves_read_only_arrays_read_only) {
  const array m = reshape(arange(9), {3, 3});
  EXPECT_FALSE(einsum("ii->i", m.readonly()).flags().writeable);
  EXPECT_TRUE(einsum("ii->i", m).flags().writeable);
  EXPECT_TRUE(einsum("i->ii", einsum("ii->i", m.readonly())).flags().writeable);
}

TEST(einsum, keeps_axes_of_an_ellipsis_that_no_operand_has) {
  EXPECT_EQ(einsum("i->...i", array{1, 2}).shape(), shape({2}));
  EXPECT_EQ(int(einsum("ij->...", array{{1, 2}})), 3);
  EXPECT_EQ(einsum("i...,...j->ij", array{1, 2}, array{1, 2, 3}).shape(), shape({2, 3}));
  EXPECT_EQ(einsum("...,i->i...", zeros({3}), zeros({2})).shape(), shape({2, 3}));
}

TEST(einsum, broadcasts_an_extent_of_1_against_0) {
  EXPECT_EQ(einsum("i,i->i", ones({1}), zeros({0})).shape(), shape({0}));
  EXPECT_EQ(double(einsum("i,i,i->", ones({1}), zeros({0}), ones({1}))), 0);
}

TEST(einsum, takes_a_number_of_operands_known_at_run_time_only) {
  const std::vector<operand> operands = {array{1, 2}, array{3, 4}, array{5, 6}};
  EXPECT_EQ(ints(einsum_list("i,i,j->j", operands)), (list{11 * 5, 11 * 6}));
  EXPECT_EQ(error_of([&] { einsum_list("i", std::vector<operand>()); }), "value_error einsum: no operands in \"i\"");
}

// ---- labels by number
TEST(einsum_of_numbers, is_the_same_without_letters) {
  const array a = reshape(arange(6), {2, 3}), b = reshape(arange(12), {3, 4});
  const list expected = ints(einsum("ij,jk->ik", a, b));
  EXPECT_EQ(ints(einsum({{a, {0, 1}}, {b, {1, 2}}}, {0, 2})), expected);
  EXPECT_EQ(ints(einsum({{a, {0, 1}}, {b, {1, 2}}})), expected);
  EXPECT_EQ(ints(einsum({{a, {50, 51}}, {b, {51, 0}}}, {50, 0}, {.optimize = einsum_search::none})), expected);
  EXPECT_EQ(ints(einsum({{a, {26, 0}}})), ints(a.T()));  // as "aA": capitals first
  EXPECT_EQ(ints(einsum({{a + 0, {0, 1}}, {2, {}}}, {})), list{30});
  EXPECT_EQ(ints(einsum({{{1, 2}, {0}}, {array{3, 4}, {0}}})), list{11});
  EXPECT_EQ(einsum({{a, {ellipsis, 3}}, {5, {ellipsis}}}, {3, ellipsis}).shape(), shape({3, 2}));
}

TEST(einsum_of_numbers, takes_lists_known_at_run_time_only) {
  const array a = reshape(arange(6), {2, 3});
  const axis_labels labels = {0, 1}, turned = {1, 0};
  const std::vector<labelled_operand> operands = {{a, labels}};
  EXPECT_EQ(ints(einsum(operands, turned)), ints(a.T()));
  EXPECT_EQ(ints(einsum(operands)), ints(a));
}

TEST(einsum_of_numbers, gives_views) {
  array m = zeros({2, 2}, int64);
  einsum({{m, {0, 0}}}, {0}) = array{1, 2};
  EXPECT_EQ(ints(m), (list{1, 0, 0, 2}));
}

TEST(einsum_of_numbers, refuses_numbers_that_are_no_letters) {
  const array a = zeros({2});
  EXPECT_EQ(error_of([&] { einsum({{a, {52}}}); }), "value_error einsum: label 52 of operand 0 is not in 0 to 51");
  EXPECT_EQ(error_of([&] {
              einsum({{a, {0}}, {a, {-1}}}, {});
            }),
            "value_error einsum: label -1 of operand 1 is not in 0 to 51");
  EXPECT_EQ(error_of([&] {
              einsum({{a, {0}}}, {99});
            }),
            "value_error einsum: label 99 of the output is not in 0 to 51");
  EXPECT_EQ(error_of([&] {
              einsum({{a, {0}}, {zeros({3}), {0}}}, {});
            }),
            "shape_error einsum: label 'A' has extent 2 in operand 0 (2,) and 3 in operand 1 (3,) in \"A,A->\"");
  EXPECT_EQ(error_of([&] { einsum(std::vector<labelled_operand>()); }), "value_error einsum: no operands in \"\"");
}

TEST(einsum_errors, quote_the_equation) {
  array a = zeros({3, 4}), m = zeros({1, 2});
  EXPECT_EQ(
      error_of([&] { einsum("ij,jk->ik", a, a); }),
      "shape_error einsum: label 'j' has extent 4 in operand 0 (3, 4) and 3 in operand 1 (3, 4) in \"ij,jk->ik\"");
  EXPECT_EQ(error_of([&] { einsum("ii", m); }),
            "shape_error einsum: label 'i' has extents 1 and 2 in operand 0 (1, 2) in \"ii\"");
  EXPECT_EQ(error_of([&] { einsum("ij,jk", a); }), "value_error einsum: 2 lists of labels for 1 operand in \"ij,jk\"");
  EXPECT_EQ(error_of([&] { einsum("ijk", a); }),
            "value_error einsum: operand 0 of shape (3, 4) does not have 3 axes in \"ijk\"");
  EXPECT_EQ(error_of([&] { einsum("i", a); }),
            "value_error einsum: operand 0 of shape (3, 4) does not have 1 axis in \"i\"");
  EXPECT_EQ(error_of([&] { einsum("ij->k", a); }),
            "value_error einsum: output label 'k' is in no operand in \"ij->k\"");
  EXPECT_EQ(error_of([&] { einsum("...->", a); }),
            "value_error einsum: the output lacks the ellipsis of the operands in \"...->\"");
  EXPECT_EQ(error_of([&] { einsum("......", a); }),
            "value_error einsum: more than one ellipsis for operand 0 in \"......\"");
  EXPECT_EQ(error_of([&] { einsum("...->......", a); }),
            "value_error einsum: more than one ellipsis in the output in \"...->......\"");
  EXPECT_EQ(error_of([&] {
              einsum("i...,...->...", a, zeros({2, 5}));
            }),
            "shape_error einsum: axis -1 of '...' has extent 4 in operand 0 (3, 4) and 5 in operand 1 (2, 5) in "
            "\"i...,...->...\"");
  EXPECT_EQ(error_of([&] { einsum("i,i,i", zeros({1}), zeros({3}), zeros({4})); }),
            "shape_error einsum: label 'i' has extent 3 in operand 1 (3,) and 4 in operand 2 (4,) in \"i,i,i\"");
  EXPECT_EQ(error_of([&] { einsum("ij", a, a); }), "value_error einsum: 1 list of labels for 2 operands in \"ij\"");
  EXPECT_EQ(error_of([&] { einsum("ij,", a); }), "value_error einsum: 2 lists of labels for 1 operand in \"ij,\"");
  EXPECT_EQ(error_of([&] { einsum("i1", a); }), "value_error einsum: unexpected '1' at position 1 in \"i1\"");
  EXPECT_EQ(error_of([&] { einsum("ij->i->j", a); }),
            "value_error einsum: unexpected '-' at position 5 in \"ij->i->j\"");
  EXPECT_EQ(error_of([&] { einsum("i.j", a); }), "value_error einsum: unexpected '.' at position 1 in \"i.j\"");
  EXPECT_EQ(error_of([&] { einsum("ij- >ij", a); }), "value_error einsum: unexpected '-' at position 2 in \"ij- >ij\"");
  EXPECT_EQ(error_of([&] { einsum("i,i->i", array({1}, float16), array({1}, bfloat16)); }),
            "dtype_error einsum: float16 and bfloat16 have no common dtype");
}

TEST(einsum_errors, print_what_is_not_ascii_as_bytes) {
  const array a = zeros({3, 4});
  EXPECT_EQ(error_of([&] { einsum("i\tj", a); }), R"(value_error einsum: unexpected '\x09' at position 1 in "i\x09j")");
  EXPECT_EQ(error_of([&] { einsum("\xc3\xa9j", a); }),
            R"(value_error einsum: unexpected '\xc3' at position 0 in "\xc3\xa9j")");
  EXPECT_EQ(error_of([&] { einsum(std::string_view("i\0j", 3), a); }),
            R"(value_error einsum: unexpected '\x00' at position 1 in "i\x00j")");
}

TEST(einsum_errors, shorten_long_equations) {
  const std::string part(80, 'i');
  EXPECT_EQ(
      error_of([&] {
        einsum(part + std::string(1000, 'j') + part, zeros({3, 4}));
      }),
      "value_error einsum: operand 0 of shape (3, 4) does not have 1160 axes in \"" + part + " ... " + part + '"');
  const std::vector<operand> many(5000, 1.0);
  EXPECT_EQ(error_of([&] { einsum_list(std::string(5000, ','), many); }).substr(0, 64),
            "value_error einsum: 5001 lists of labels for 5000 operands in \",");
}

}  // namespace
