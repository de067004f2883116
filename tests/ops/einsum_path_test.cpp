// einsum_path: orders against NumPy's, what they cost, limits, text; einsum along paths that were given.
#include "ops/einsum_path_cases.hpp"
#include "ops/elements.hpp"

using namespace tessera;

namespace {

using order_list = std::vector<std::vector<int>>;

std::vector<operand> repeated_zeros(const std::vector<std::vector<std::int64_t>>& shapes) {
  std::vector<operand> result;
  for (const auto& extents : shapes) result.emplace_back(broadcast_to(array(0.0), shape(extents)));
  return result;
}

TEST(einsum_path, is_numpys_greedy_one) {
  for (const path_case& c : path_cases) {
    SCOPED_TRACE(c.equation);
    const contraction_path path = einsum_path_list(c.equation, repeated_zeros(c.shapes),
                                                   {.optimize = einsum_search::greedy, .memory_limit = c.memory_limit});
    EXPECT_EQ(path.path(), c.greedy);
    EXPECT_EQ(path.flops, c.greedy_flops);
    EXPECT_EQ(path.largest, c.greedy_largest);
  }
}

TEST(einsum_path, of_fewest_operations_costs_as_numpys_optimal_one) {
  for (const path_case& c : path_cases) {
    SCOPED_TRACE(c.equation);
    const contraction_path path =
        einsum_path_list(c.equation, repeated_zeros(c.shapes), {.optimize = einsum_search::optimal});
    EXPECT_EQ(path.flops, c.optimal_flops);
  }
}

TEST(einsum_path, contracts_the_small_side_of_a_chain_first) {
  const array a = ones({2000, 10}, float32), b = ones({10, 2000}, float32), c = ones({2000, 10}, float32);
  const contraction_path path = einsum_path("ij,jk,kl->il", a, b, c);
  EXPECT_EQ(path.path(), (order_list{{1, 2}, {0, 1}}));
  EXPECT_EQ(path.search, "optimal");
  EXPECT_EQ(path.naive_flops, 1.2e9);
  EXPECT_EQ(path.naive_labels, 4);
  EXPECT_EQ(path.flops, 8e5);
  EXPECT_EQ(path.labels, 3);
  EXPECT_EQ(path.largest, 2e4);
  EXPECT_EQ(path.steps[0].equation, "jk,kl->jl");
  EXPECT_EQ(path.steps[1].equation, "ij,jl->il");
  EXPECT_EQ(float(einsum("ij,jk,kl->il", a, b, c)(1999, 9)), 20000.f);
}

TEST(einsum_path, is_one_pass_where_pairs_save_nothing) {
  const array a = ones({4, 5}), b = ones({5});
  EXPECT_EQ(einsum_path("ij,ij,j->ij", a, a, b).path(), (order_list{{0, 1, 2}}));
  EXPECT_EQ(einsum_path("ij,ij,ij->", a, a, a).path(), (order_list{{0, 1, 2}}));
  EXPECT_EQ(einsum_path("ij,jk->ik", a, ones({5, 2})).path(), (order_list{{0, 1}}));
  EXPECT_EQ(einsum_path("ij->j", a).path(), (order_list{{0}}));
}

TEST(einsum_path, keeps_to_a_memory_limit) {
  const array a = ones({10, 4}), b = ones({4, 30}), c = ones({30, 10});
  const einsum_options little = {.optimize = einsum_search::optimal, .memory_limit = 20};
  const contraction_path path = einsum_path_list("ij,jk,kl->il", {a, b, c}, little);
  EXPECT_EQ(path.path(), (order_list{{0, 1, 2}}));
  EXPECT_EQ(path.search, "greedy: no pairs fit the limits");
  EXPECT_EQ(double(einsum_list("ij,jk,kl->il", {a, b, c}, little)(9, 9)), 120);
  EXPECT_EQ(einsum_path_list("ij,jk,kl->il", {a, b, c}, {.memory_limit = 120}).path(), (order_list{{1, 2}, {0, 1}}));
}

TEST(einsum_path, computes_nothing) {
  const array big = broadcast_to(array(1.0), {1'000'000, 1'000'000});
  const contraction_path path = einsum_path("ij,jk->ik", big + 1, big);
  EXPECT_EQ(path.flops, 2e18);
  EXPECT_EQ(path.largest, 1e12);
}

TEST(einsum_path, of_more_operands_than_a_search_takes_is_found_by_a_simpler_one) {
  const auto chain = [](int count) {
    std::string equation;
    for (int k = 0; k < count; ++k)
      equation += std::string(k == 0 ? "" : ",") + char('a' + k % 26) + char('a' + (k + 1) % 26);
    return equation + "->";
  };
  const auto search = [&](int count, einsum_search by) {
    return einsum_path_list(chain(count), std::vector<operand>(static_cast<std::size_t>(count), ones({2, 2})),
                            {.optimize = by})
        .search;
  };
  EXPECT_EQ(search(6, einsum_search::automatic), "optimal");
  EXPECT_EQ(search(7, einsum_search::automatic), "greedy");
  EXPECT_EQ(search(12, einsum_search::optimal), "optimal");
  EXPECT_EQ(search(13, einsum_search::optimal), "greedy: more than 12 operands");
  EXPECT_EQ(search(512, einsum_search::greedy), "greedy");
  EXPECT_EQ(search(513, einsum_search::optimal), "from the end: more than 512 operands");
  EXPECT_EQ(search(16, einsum_search::none), "at once");
  EXPECT_EQ(search(17, einsum_search::none), "from the end: more than 16 operands");
}

TEST(einsum_path, of_tens_of_thousands_of_operands_is_run) {
  std::string equation = "i";
  std::vector<operand> operands = {array{1, 2}};
  for (int k = 1; k < 30000; ++k) {
    equation += ",i";
    operands.emplace_back(array{1, k % 2 == 0 ? -1 : 1});
  }
  EXPECT_EQ(ints(einsum_list(equation + "->i", operands)), (list{1, -2}));
  EXPECT_EQ(int(einsum_list(equation + "->", operands, {.optimize = einsum_search::optimal})), -1);
}

TEST(einsum_path, of_an_ellipsis_is_told_with_free_letters) {
  const array a = ones({5, 6, 2, 3}), b = ones({6, 3, 4});
  const contraction_path path = einsum_path("...ab,...bc", a, b);
  EXPECT_EQ(path.equation, "deab,ebc->deac");
  EXPECT_EQ(einsum_path("a->aa", ones({3})).equation, "a->aa");
}

TEST(einsum_path, has_a_table) {
  const array a = ones({2, 3}), b = ones({3, 4}), c = ones({4, 5});
  contraction_path path = einsum_path_list("ij,jk,kl->il", {a, b, c}, {.path = {{1, 2}, {0, 1}}});
  path.steps[0].call = path.steps[1].call = "CALL";  // the device's own words
  EXPECT_EQ(to_string(path),
            "ij,jk,kl->il, as given\n"
            "  in one pass: 360 operations over 4 labels\n"
            "  these steps: 180 operations over at most 3 labels, at most 15 elements in a result\n"
            "  step  operands  contraction  operations  elements  calls\n"
            "  1     1, 2      jk,kl->jl    120         15        CALL\n"
            "  2     0, 1      ij,jl->il    60          10        CALL\n");
}

TEST(einsum_path, tells_what_steps_call) {
  const array a = ones({3, 3});
  EXPECT_EQ(einsum_path("ij->ji", a).steps[0].call, "view");
  EXPECT_EQ(einsum_path("ij->j", a).steps[0].call, "fused program");
  EXPECT_EQ(einsum_path("ij,ij,ij->ij", a, a, a).steps[0].call, "fused program");
  EXPECT_FALSE(einsum_path("ij,jk->ik", a, a).steps[0].call.empty());
}

TEST(einsum_along_a_path, contracts_in_that_order) {
  const array a = reshape(arange(6), {2, 3}), b = reshape(arange(12), {3, 4}), c = reshape(arange(8), {4, 2});
  const list expected = ints(einsum("ij,jk,kl->il", a, b, c));
  for (const order_list& path :
       {order_list{{0, 1}, {0, 1}}, {{1, 2}, {1, 0}}, {{0, 2}, {0, 1}}, {{0, 1, 2}}, {{2}, {0}, {0, 1, 2}}}) {
    EXPECT_EQ(ints(einsum_list("ij,jk,kl->il", {a, b, c}, {.path = path})), expected);
  }
  EXPECT_EQ(ints(einsum_list("ij->j", {a}, {.path = {{0}}})), ints(einsum("ij->j", a)));
  EXPECT_EQ(ints(einsum_list("ij,jk->ik", {a, b}, {.path = {{0}, {0, 1}}})), ints(einsum("ij,jk->ik", a, b)));
}

TEST(einsum_along_a_path, gives_a_view_of_one_operand) {
  array m = zeros({2, 2}, float16);
  einsum_list("ii->i", {m}, {.path = {{0}}}) = 3;
  EXPECT_EQ(float(sum(m)), 6.f);
}

TEST(einsum_along_a_path, refuses_what_is_none) {
  const array a = ones({2});
  const auto error_along = [&](const order_list& path) {
    return error_of([&] { einsum_list("i,i,i->", {a, a, a}, {.path = path}); });
  };
  EXPECT_EQ(error_along({{0, 3}}),
            "value_error einsum: step 0 of the path, (0, 3), does not name some of 3 operands, "
            "each once, in \"i,i,i->\"");
  EXPECT_EQ(error_along({{0, 1}, {1, 1}}),
            "value_error einsum: step 1 of the path, (1, 1), does not name some of 2 "
            "operands, each once, in \"i,i,i->\"");
  EXPECT_EQ(error_along({{}}),
            "value_error einsum: step 0 of the path, (), does not name some of 3 operands, each "
            "once, in \"i,i,i->\"");
  EXPECT_EQ(error_along({{0, -1}}),
            "value_error einsum: step 0 of the path, (0, -1), does not name some of 3 operands, "
            "each once, in \"i,i,i->\"");
  EXPECT_EQ(error_along({{0, 1}}), "value_error einsum: the path leaves 2 operands uncontracted in \"i,i,i->\"");
  EXPECT_EQ(error_of([&] { einsum_path("i,j", a); }),
            "value_error einsum_path: 2 lists of labels for 1 operand in \"i,j\"");
}

TEST(einsum_along_a_path, takes_steps_of_many_operands_two_at_a_time) {
  std::string equation;
  std::vector<operand> operands;
  std::vector<int> every;
  for (int k = 0; k < 300; ++k) {
    equation += std::string(k == 0 ? "" : ",") + char('a' + k % 3) + char('a' + (k + 1) % 3);
    operands.emplace_back(array{{1, 0}, {k == 7 ? 3 : 0, 1}});
    every.push_back(k);
  }
  const list expected = ints(einsum_list(equation + "->ab", operands));
  EXPECT_EQ(ints(einsum_list(equation + "->ab", operands, {.path = {every}})), expected);
  EXPECT_EQ(ints(einsum_list(equation + "->ab", operands, {.memory_limit = 0})), expected);
  EXPECT_EQ(einsum_path_list(equation, operands, {.path = {every}}).steps[0].call, "two at a time");
}

// ---- what does not fit
TEST(einsum_limits, refuse_more_axes_than_an_array_has) {
  std::string letters;
  for (char c = 'a'; c <= 'z'; ++c) letters += c;
  for (char c = 'A'; c <= 'Z'; ++c) letters += c;
  const array wide = broadcast_to(array(1.0), shape::filled(20, 2)),
              all_letters = broadcast_to(array(1.0), shape::filled(52, 2));
  EXPECT_EQ(error_of([&] { einsum("...," + letters, wide, all_letters); }),
            "value_error einsum: the output has 72 axes, an array at most 64 in \"...," + letters + '"');
  EXPECT_EQ(error_of([&] { einsum("...," + letters + "->...", wide, all_letters); }).substr(0, 57),
            "value_error einsum: a contraction over 72 labels, more th");
  EXPECT_EQ(error_of([&] { einsum("i->" + std::string(65, 'i'), ones({1})); }),
            "value_error einsum: the output has 65 axes, an array at most 64 in \"i->" + std::string(65, 'i') + '"');
  EXPECT_EQ(einsum("...," + letters + "->...", ones(shape::filled(20, 1)), ones(shape::filled(52, 1))).ndim(), 20);
}

TEST(einsum_limits, refuse_results_and_intermediates_beyond_64_bits) {
  const array x = broadcast_to(array(1.0), {std::int64_t{1} << 31, std::int64_t{1} << 30});
  EXPECT_EQ(
      error_of([&] { einsum("ij,kl->ijkl", x, x); }),
      "value_error einsum: shape (2147483648, 1073741824, 2147483648, 1073741824) has more bytes than fit in 64 bits");
  EXPECT_EQ(error_of([&] { einsum("ij,kl,i->ijkl", x, x, ones({1})); }),
            "value_error einsum: shape (2147483648, 1073741824, 2147483648, 1073741824) has more elements than fit in "
            "64 bits");
  EXPECT_EQ(error_of([&] { einsum("ij,ji->jij", x, x.T()); }).substr(0, 24), "value_error einsum: shap");
  const contraction_path path = einsum_path("ij,kl->ijkl", x, x);
  EXPECT_EQ(path.steps[0].call,
            "einsum: shape (2147483648, 1073741824, 2147483648, 1073741824) has more bytes than fit in 64 bits");
}

}  // namespace
